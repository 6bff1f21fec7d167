/**
 * The walk in WebAssembly against the clear version, over records that are plain, unusual and
 * spoilt; and bugs planted into its source, each of which the same comparison finds.
 */
import type { RawBatch } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FREE_FROM, RecordMemory, recordMemory } from './record-memory.ts'
import { RecordParser, type Segment } from './record-parser.ts'
import { RecordWalk } from './record-walk.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../../', import.meta.url)
const SOURCE = new URL('kafka/wasm/records.ts', PACKAGES)
const compiler = (await import(new URL('core/wasm/compile-module.mjs', PACKAGES).href)) as Compiler

const SEED = Number(process.env['FUZZ_SEED'] ?? 11)
const memory = recordMemory() as RecordMemory

/** A size that nothing has; its bytes are not there. */
const HUGE = 2 ** 27 - 1

/** A number as it stands in a record; `more` bytes are added that change nothing. */
function varint(value: bigint, more = 0): number[] {
  const bytes: number[] = []
  let left = BigInt.asUintN(70, (value << 1n) ^ (value < 0n ? -1n : 0n))
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
  for (let i = 0; i < more; i++) {
    bytes.push((bytes.pop() as number) | 128, 0)
  }
  return bytes
}

interface Plan {
  readonly timeDelta: bigint
  readonly offsetStep: number
  /** Bytes; -1 = null. */
  readonly key: number
  readonly value: number
  readonly headers: readonly (readonly [name: number, value: number])[]
  /** Which of its numbers is longer than it need be, and by how much. */
  readonly long: number
  readonly more: number
  /** Of the number of headers that is said. */
  readonly headersOff: number
  /** What parts are made of. */
  readonly fill: number
}

function recordBytes(plan: Plan, offset: number): number[] {
  const { timeDelta, key, value, headers, long, more, headersOff, fill } = plan
  let nth = 0
  const number = (of: bigint | number) => varint(BigInt(of), long === nth++ ? more : 0)
  const part = (size: number) => {
    return [...number(size), ...new Array(size > 0 && size < HUGE ? size : 0).fill(fill)]
  }
  const body = [0, ...number(timeDelta), ...number(offset), ...part(key), ...part(value)]
  body.push(...number(headers.length + headersOff))
  for (const [name, text] of headers) body.push(...part(name), ...part(text))
  return [...number(body.length), ...body]
}

const size = fc.oneof(fc.integer({ min: -1, max: 70 }), fc.constantFrom(-2, 200, HUGE, -HUGE))
const record: fc.Arbitrary<Plan> = fc.record({
  timeDelta: fc.oneof(
    fc.bigInt({ min: -100n, max: 100n }),
    fc.bigInt({ min: -(1n << 69n), max: (1n << 69n) - 1n }),
    fc.constantFrom(...[27n, 28n, 34n, 35n, 52n, 53n, 62n].flatMap(n => [1n << n, -(1n << n)])),
    fc.constantFrom((1n << 27n) - 1n, (1n << 62n) - 1n, -(1n << 27n) - 1n),
  ),
  offsetStep: fc.oneof(fc.constant(1), fc.constant(1), fc.integer({ min: -1, max: 90 })),
  key: size,
  value: size,
  headers: fc.oneof(fc.constant([]), fc.array(fc.tuple(size, size), { maxLength: 3 })),
  long: fc.oneof(fc.constant(99), fc.constant(99), fc.nat(8)),
  more: fc.integer({ min: 1, max: 4 }),
  headersOff: fc.constantFrom(0, 0, 0, 1, -1),
  fill: fc.constantFrom(0x61, 0),
})
/** Of few bytes, which mean something else when one is read for another. */
const tight: fc.Arbitrary<Plan> = fc.record({
  timeDelta: fc.bigInt({ min: 0n, max: 1n }),
  offsetStep: fc.constant(1),
  key: fc.integer({ min: -1, max: 0 }),
  value: fc.integer({ min: -1, max: 1 }),
  headers: fc.constant([]),
  long: fc.nat(5),
  more: fc.integer({ min: 1, max: 4 }),
  headersOff: fc.constantFrom(0, 0, -1),
  fill: fc.constant(0),
})
const plain: fc.Arbitrary<Plan> = fc.record({
  timeDelta: fc.bigInt({ min: -(1n << 40n), max: 1n << 40n }),
  offsetStep: fc.integer({ min: 1, max: 3 }),
  key: fc.integer({ min: -1, max: 70 }),
  value: fc.integer({ min: -1, max: 140 }),
  headers: fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -1, max: 9 })), { maxLength: 2 }),
  long: fc.constant(99),
  more: fc.constant(1),
  headersOff: fc.constant(0),
  fill: fc.constant(0x61),
})

const batch = fc.record({
  records: fc.oneof(
    fc.array(plain, { maxLength: 9 }),
    fc.array(record, { maxLength: 6 }),
    fc.array(tight, { maxLength: 2 }),
  ),
  base: fc.constantFrom(0, 100, 2 ** 40),
  time: fc.constantFrom(-1, 0, 1_750_000_000_000, 2 ** 62),
  appendTime: fc.constantFrom(null, null, 77),
  /** Of records that are said to be there, and of offsets. */
  countOff: fc.constantFrom<number[]>(0, 0, 0, 0, -1, 1, 5),
  behindOff: fc.constantFrom<number[]>(0, 0, 0, 3, -1),
})
const input = fc.record({
  batches: fc.array(batch, { minLength: 1, maxLength: 3 }),
  most: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(1_000)),
  from: fc.constantFrom(-1, 0, 2, 101, 2 ** 40 + 1),
  isHeld: fc.boolean(),
  /** What is done to the bytes. */
  spoilt: fc.option(fc.record({ place: fc.nat(100_000), byte: fc.nat(255) }), { nil: null }),
  endOff: fc.constantFrom(0, 0, 0, 0, -1, -2, 1),
})

type Input = typeof input extends fc.Arbitrary<infer T> ? T : never

function bytesOf({ batches, spoilt, endOff }: Input): { data: Buffer; segments: Segment[] } {
  const bytes: number[] = []
  const segments = batches.map(({ records, base, time, appendTime, countOff, behindOff }) => {
    const at = bytes.length
    let offset = 0
    for (const each of records) {
      bytes.push(...recordBytes(each, offset))
      offset += each.offsetStep
    }
    const left = Math.max(0, records.length + countOff)
    return {
      at: left === 0 ? bytes.length : at,
      end: bytes.length,
      left,
      baseOffset: base,
      firstTimestamp: time,
      appendTimestamp: appendTime,
      nextOffset: base + offset + behindOff,
    }
  })
  const last = segments.at(-1) as Segment
  last.end = Math.max(last.at, last.end + endOff)
  // Something lies behind: that of the batch after it, or of another answer.
  const data = Buffer.from([...bytes, 0, 2, 0x7f])
  if (spoilt !== null) data[spoilt.place % data.length] = spoilt.byte
  return { data, segments }
}

function told(raw: RawBatch): unknown {
  const { data, topic, partition, ...columns } = raw
  return Object.entries(columns).map(([name, column]) => [
    name,
    typeof column === 'number' ? column : [...(column as Int32Array)],
  ])
}

/** All that a parser gives, and what it says is wrong. */
function allOf(parser: RecordParser, made: Input, held: RecordMemory | null): unknown[] {
  const { data, segments } = bytesOf(made)
  held?.bytes.set(data, FREE_FROM)
  held?.hold(data, FREE_FROM)
  const given: unknown[] = []
  let { from } = made
  try {
    while (segments.length > 0) {
      const raw = parser.take(data, segments, made.most, { topic: 't', partition: 0, from })
      from = raw.nextOffset
      given.push(told(raw))
    }
  } catch (error) {
    given.push((error as Error).message)
  }
  return given
}

/** The input on which they differ; null = none was found. */
function difference(by: RecordMemory, isLeast: boolean): unknown {
  const walking = new RecordParser(new RecordWalk(by, 1))
  const clear = new RecordParser(null)
  const property = fc.property(input, made => {
    const got = allOf(walking, made, made.isHeld ? by : null)
    expect(got).toEqual(allOf(clear, made, null))
  })
  const details = fc.check(property, { numRuns: 6_000, seed: SEED, endOnFailure: !isLeast })
  return details.failed ? (details.counterexample ?? details.errorInstance) : null
}

test('gives and refuses what the clear version does', () => {
  expect(difference(memory, true)).toBe(null)
}, 120_000)

test('plain records are all taken, however they lie', () => {
  fc.assert(
    fc.property(
      fc.array(plain, { minLength: 16, maxLength: 90 }),
      fc.boolean(),
      (records, isHeld) => {
        const made = { base: 7, time: 50, appendTime: null, countOff: 0, behindOff: 0 }
        const batches = [{ ...made, records }]
        const { data, segments } = bytesOf({
          ...{ batches, most: 99, from: 0, isHeld, spoilt: null, endOff: 0 },
        })
        memory.bytes.set(data, FREE_FROM)
        memory.hold(isHeld ? data : null, FREE_FROM)
        const walk = new RecordWalk(memory)
        expect(walk.begin(data, segments, records.length)).toBe(true)
        expect(walk.take(data, segments[0] as Segment, 0, 0)).toBe(records.length)
        expect(segments[0]).toMatchObject({ left: 0, at: segments[0]?.end })
      },
    ),
  )
})

test('small segments and long records are left to the clear version', () => {
  const walk = new RecordWalk(memory)
  const segment = (left: number, end: number): Segment => ({
    ...{
      at: 0,
      end,
      left,
      baseOffset: 0,
      firstTimestamp: 0,
      appendTimestamp: null,
      nextOffset: 99,
    },
  })
  const data = Buffer.alloc(100_000)
  expect(walk.begin(data, [segment(0, 0), segment(15, 1_000)], 15)).toBe(false)
  expect(walk.begin(data, [segment(16, 100_000)], 16)).toBe(true)
  expect(walk.take(data, segment(16, 100_000), 0, 0)).toBe(0)
  // More than the memory can have.
  expect(walk.begin(data, [segment(2e6, 100_000)], 2e6)).toBe(false)
})

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  ['records may end behind the batch', 'if (at + <usize>size > end) break', ''],
  [
    'time deltas have no sign',
    'long = <i64>(bits >> 1) ^ -(<i64>(bits & 1))',
    'long = <i64>(bits >> 1)',
  ],
  ['time deltas of 70 bits', 'shift < 63', 'shift < 70'],
  ['the same time is none', 'isSame ? time : time + timeDelta', 'time + timeDelta'],
  ['offsets before the batch', 'offset < base || ', ''],
  ['offsets behind the batch', ' || offset >= behind', ''],
  ['keys of -2 bytes', 'if (keySize < -1) break', ''],
  ['keys may end the record', 'max(keySize, 0)\n    if (at >= recordEnd) break', 'max(keySize, 0)'],
  ['values of -2 bytes', 'if (valueSize < -1) break', ''],
  ['long numbers are cut', ': NO_NUMBER', ': signed(low)'],
  [
    'values may end the record',
    'max(valueSize, 0)\n    if (at >= recordEnd) break',
    'max(valueSize, 0)',
  ],
  ['headers are not counted', '0 : <i32>(recordEnd - headers)', '0 : 1'],
  ['headers are not looked at', 'at = headersEnd(at, recordEnd)', 'at = recordEnd'],
  ['headers of -1', 'count <= 0', 'count === 0'],
  ['no headers in more bytes', 'count <= 0', 'count < 0'],
  ['names may end the record', 'if (at >= end) return 0', ''],
  ['values of headers of -2 bytes', 'if (number < -1) return 0', ''],
  ['bytes may be left in a record', 'if (at !== recordEnd) break', ''],
  ['records before the first one asked for', 'if (offset < from) continue', ''],
  ['numbers have no sign', '<i32>(zigzag >> 1) ^ -(<i32>(zigzag & 1))', '<i32>(zigzag >> 1)'],
  ['numbers of two bytes are of one', '(word & 0x8000) === 0', '(word & 0x8000) !== 0'],
  ['numbers have 21 bits', ' | ((word >> 3) & 0xfe00000)', ''],
  ['more than there is room for', 'left > 0 && i < room', 'left > 0'],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      expect(difference(new RecordMemory(bytes), false)).not.toBe(null)
    },
    120_000,
  )
})
