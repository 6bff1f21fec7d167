/**
 * Trials of the scan in WebAssembly: what is to come out of each is what the clear decoder gives.
 * What the generated ones do not hold is made by hand: borders, blocks of records that lie alike.
 */
import type { ModuleScan } from '@millrace/core'
import type { AvroSchema } from '../src/avro-schema/avro-schema.ts'
import { parseSchema } from '../src/avro-schema/parse-schema.ts'
import { compiledScan } from '../src/codec/compiled-scan.ts'
import { flatScan } from '../src/codec/flat-scan.ts'
import type { FlatScanMemory } from '../src/codec/flat-scan-memory.ts'
import type { ScanPlan } from '../src/codec/scan-plan.ts'
import type { ValueForm } from '../src/codec/value-form.ts'
import { differenceIn, type ScanTrial, scanTrial, scanTrials } from './codec-case.ts'

/** Whatever the size of a batch; what it refused is noted. */
export function smallScans(by: FlatScanMemory, refused: number[] = []) {
  return (plan: ScanPlan): Pick<ModuleScan, 'scan'> | null => {
    const scan = flatScan(plan, by, 0)
    if (scan === null) return null
    return {
      scan: (...given) => {
        const numbers = scan.scan(...given)
        refused.push(...(numbers ?? []))
        return numbers
      },
    }
  }
}

export function isDifferent(trial: ScanTrial, by: FlatScanMemory): boolean {
  return differenceIn(trial, compiledScan, smallScans(by)) !== null
}

const TEXTS: AvroSchema = parseSchema({
  type: 'record',
  name: 'R',
  fields: ['a', 'b'].map(name => ({ name, type: 'string' })),
})
/** Characters, and what is none: a byte that begins nothing, one cut off, a surrogate. */
const ENDS = ['', 'c3a9', 'e282ac', 'f09f9880', 'ff', 'c3', 'eda080'].map(hex =>
  Buffer.from(hex, 'hex'),
)

function sized(text: Buffer): Buffer {
  const twice = 2 * text.length
  return Buffer.concat([
    Buffer.from(twice < 128 ? [twice] : [(twice & 127) | 128, twice >> 7]),
    text,
  ])
}

/** Texts of every length around those that are read at once, in front of another and behind it. */
export const textTrial: ScanTrial = scanTrial(
  0,
  { reader: TEXTS, read: 'all' },
  TEXTS,
  [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 200].flatMap(length =>
    ENDS.filter(end => end.length <= length).flatMap(end => {
      const text = Buffer.concat([Buffer.alloc(length - end.length, 'x'), end])
      // What follows it would go on with a character.
      return [
        Buffer.concat([sized(text), sized(Buffer.alloc(0x50, 'y'))]),
        Buffer.concat([sized(Buffer.of()), sized(text)]),
      ]
    }),
  ),
)

/** What lies behind the end of a record is not even looked at. */
const LARGE = parseSchema({
  ...{ type: 'record', name: 'R' },
  fields: [
    { name: 'a', type: { type: 'fixed', name: 'F', size: 16_000_000 } },
    { name: 'b', type: 'double' },
  ],
})
const largeTrial: ScanTrial = scanTrial(0, { reader: LARGE, read: ['b'] }, LARGE, [Buffer.alloc(9)])

/** Zig-zag, in as few bytes as it has. */
function whole(value: bigint): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return Buffer.from([...bytes, Number(left)])
}

/** On either side of what an int, an exact number and a time may be. */
const BORDERS = [2n ** 31n, 2n ** 53n, 8_640_000_000_000_001n, 2n ** 62n].flatMap(border => [
  ...[border - 1n, border, border + 1n, -border, -border - 1n, 1n - border],
])

const borderTrials: readonly ScanTrial[] = [
  ...['int', 'long', { type: 'long', logicalType: 'timestamp-millis' }],
].flatMap(type => {
  const writer = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'n', type }] })
  const records = BORDERS.map(whole)
  return (['bigint', 'number'] as const).map(long => {
    const form: ValueForm = { long, time: 'milliseconds' }
    return scanTrial(0, { reader: writer, form, read: 'all' }, writer, records)
  })
})

const MANY = parseSchema({
  type: 'record',
  name: 'R',
  fields: [
    ['text', 'string'],
    ['code', ['null', 'string']],
    ['flag', 'boolean'],
    ['small', 'int'],
    ['safe', 'long'],
    ['real', 'double'],
    ['near', 'float'],
    ['raw', 'bytes'],
    ['hash', { type: 'fixed', name: 'F', size: 3 }],
    ['kind', { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] }],
    ['left', 'string'],
    ['more', 'long'],
  ].map(([name, type]) => ({ name, type })),
})

/** One of many records that lie alike. */
function alike(nth: number): Buffer {
  const real = Buffer.alloc(12)
  real.writeDoubleLE(nth / 3)
  real.writeFloatLE(nth / 4, 8)
  const digit = 0x30 + (nth % 10)
  return Buffer.concat([
    ...[sized(Buffer.alloc(18, digit)), Buffer.of(2), sized(Buffer.of(digit))],
    ...[Buffer.of(nth & 1), whole(BigInt(-nth)), whole(2n ** 40n + BigInt(nth)), real],
    ...[sized(Buffer.of(nth, 0xff)), Buffer.of(nth, 1, 0x80), Buffer.of((nth % 3) * 2)],
    ...[sized(Buffer.of(digit)), Buffer.of(nth)],
  ])
}

/** Alike are all of a block and of the next one; or one of them is unlike by a byte, or null. */
const alikeTrials: readonly ScanTrial[] = unlike().flatMap(records => {
  const form: ValueForm = { long: 'number', time: 'milliseconds' }
  return (['all', ['code', 'near', 'safe']] as const).map(read => {
    return scanTrial(0, { reader: MANY, form, read }, MANY, records)
  })
})

function unlike(): (Buffer | null)[][] {
  const few = [1, 2, 3].map(alike)
  const changed = alike(4)
  const bytes = Array.from(changed, (byte, at) =>
    [0x80, 0x7f, 2, 1].map(bits => {
      const other = Buffer.from(changed)
      other[at] = byte ^ bits
      return other
    }),
  ).flat()
  const others = [
    null,
    ...bytes,
    Buffer.of(),
    changed.subarray(1),
    Buffer.concat([changed, changed]),
  ]
  return [
    Array.from({ length: 200 }, (_, nth) => alike(nth % 60)),
    ...others.flatMap(other => [
      [...few, other, alike(5)],
      [other, ...few],
    ]),
  ]
}

const NOTHING = parseSchema({
  type: 'record',
  name: 'R',
  fields: [{ name: 'a', type: { type: 'fixed', name: 'F', size: 0 } }],
})
const nothingTrial = scanTrial(0, { reader: NOTHING, read: 'all' }, NOTHING, [Buffer.of(), null])

const PAIR = parseSchema({
  type: 'record',
  name: 'R',
  fields: ['long', 'string'].map(type => ({ name: type, type })),
})
/** A block of records, and others with bytes of text where those have high bits of a number. */
const nextTrial = scanTrial(0, { reader: PAIR, read: 'all' }, PAIR, [
  ...new Array(128).fill(Buffer.concat([whole(2n ** 27n), sized(Buffer.of())])),
  ...new Array(3).fill(Buffer.concat([whole(0n), sized(Buffer.of(0xff))])),
])

/** Those of generated schemas last. */
export const FLAT_TRIALS: readonly ScanTrial[] = [
  textTrial,
  largeTrial,
  nothingTrial,
  nextTrial,
  ...borderTrials,
  ...alikeTrials,
  ...scanTrials(1, 300, true),
]
