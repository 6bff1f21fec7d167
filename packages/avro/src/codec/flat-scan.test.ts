/**
 * The scan in WebAssembly against the clear decoder; and bugs planted into its source, each of which
 * the same comparison finds.
 */
import type { ModuleScan } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { differenceIn, type ScanTrial, scanTrial, scanTrials } from '../../test/codec-case.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder } from './column-decoder.ts'
import { compiledScan } from './compiled-scan.ts'
import { flatScan } from './flat-scan.ts'
import { FlatScanMemory, flatScanMemory } from './flat-scan-memory.ts'
import { FLAT_SCAN_MODULE } from './flat-scan-module.ts'
import type { ScanPlan } from './scan-plan.ts'

interface Compiler {
  compileModule(source: URL): Promise<Uint8Array>
  compilePlanted(
    source: URL,
    from: string,
    to: string,
  ): Promise<{ bytes: Uint8Array; isPlanted: boolean }>
}
const PACKAGES = new URL('../../../', import.meta.url)
const SOURCE = new URL('avro/wasm/flat-scan.ts', PACKAGES)
const compiler = (await import(new URL('core/wasm/compile-module.mjs', PACKAGES).href)) as Compiler

const memory = flatScanMemory() as FlatScanMemory
const TRIALS = [...scanTrials(1, 300, true)]

/** Whatever the size of a batch; what it refused is noted. */
function smallScans(by: FlatScanMemory, refused: number[] = []) {
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

function isDifferent(trial: ScanTrial, by: FlatScanMemory): boolean {
  return differenceIn(trial, compiledScan, smallScans(by)) !== null
}

test('gives what the clear decoder gives, and refuses no more than that fails', () => {
  let scanned = 0
  for (const trial of TRIALS) {
    const refused: number[] = []
    const counted = (plan: ScanPlan) => {
      const scan = smallScans(memory, refused)(plan)
      if (scan !== null) scanned++
      return scan
    }
    expect({ seed: trial.seed, got: differenceIn(trial, compiledScan, counted) }).toEqual({
      seed: trial.seed,
      got: null,
    })
    const failed = new Set(trial.want.failures.map(({ index }) => index))
    expect(refused.filter(index => !failed.has(index))).toEqual([])
  }
  expect(scanned).toBeGreaterThan(TRIALS.length / 4)
})

const TEXTS = parseSchema({
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
const textTrial = scanTrial(
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
const largeTrial = scanTrial(0, { reader: LARGE, read: ['b'] }, LARGE, [Buffer.alloc(9)])

test('text is told from other bytes, whatever its length', () => {
  expect(isDifferent(textTrial, memory)).toBe(false)
  expect(textTrial.want.failures.length).toBeGreaterThan(30)
})

test('a record that ends before its values is refused', () => {
  expect(isDifferent(largeTrial, memory)).toBe(false)
})

const ONE = parseSchema({ type: 'record', name: 'R', fields: [{ name: 'a', type: 'long' }] })

/** Values of one byte; `starts` may lie anywhere. */
function decoded(starts: readonly number[], sizes: readonly number[], head: number, flat: boolean) {
  const decoder = new ColumnDecoder({
    ...{ reader: ONE, read: 'all' as const },
    flat: flat ? smallScans(memory) : () => null,
  })
  const data = Buffer.from([...new Array(9).keys()].map(i => 2 * i))
  const ranges = { data, start: Int32Array.from(starts), size: Int32Array.from(sizes) }
  const decoding = decoder.begin({ ...ranges, count: starts.length })
  decoding.scan(ONE, 0, starts.length, head)
  const { columns, failures } = decoding.end()
  return { cells: starts.map((_, index) => columns[0]?.get(index)), failures }
}

test('records that lie in another order, over each other or outside of the others are equal', () => {
  for (const starts of [
    [0, 1, 2],
    [2, 1, 0],
    [4, 4, 4],
    [2, 6, 4],
    [8, 0, 7],
  ]) {
    const sizes = starts.map(() => 1)
    expect(decoded(starts, sizes, 0, true)).toEqual(decoded(starts, sizes, 0, false))
  }
  expect(decoded([1, 3, 5], [2, -1, 2], 1, true).cells).toEqual([2n, null, 6n])
})

test('a record that is shorter than its head is refused', () => {
  const refused: number[] = []
  const decoder = new ColumnDecoder({
    ...{ reader: ONE, read: 'all' as const },
    ...{ compile: () => null, flat: smallScans(memory, refused) },
  })
  const ranges = { data: Buffer.alloc(20), start: Int32Array.of(0, 6, 9), count: 3 }
  const decoding = decoder.begin({ ...ranges, size: Int32Array.of(6, 3, 6) })
  expect(() => decoding.scan(ONE, 0, 3, 5)).not.toThrow()
  expect(refused).toEqual([1])
})

test('small batches, and runs behind others, are not scanned here', () => {
  const refused: number[] = []
  const decoder = new ColumnDecoder({ reader: ONE, read: 'all', flat: smallScans(memory, refused) })
  const count = 40
  const start = new Int32Array(count)
  const size = new Int32Array(count).fill(2)
  const decoding = decoder.begin({ data: Buffer.alloc(4), start, size, count })
  decoding.scan(ONE, 20, count, 0)
  expect(refused).toEqual([])
  expect(decoding.end().failures).toHaveLength(20)
  const plan = { steps: [], types: [], defaults: [], missing: [], whole: null }
  expect(flatScan(plan, memory)?.scan({ data: Buffer.alloc(4), start, size, count: 31 }, [])).toBe(
    null,
  )
})

test('the module is that of its source', async () => {
  const bytes = await compiler.compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(FLAT_SCAN_MODULE)
}, 120_000)

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  [
    'null records keep what was before',
    'step += STEP_BYTES) setNull(step, index)',
    'step += STEP_BYTES) {}',
  ],
  ['bytes behind the record are ignored', 'return at === end', 'return true'],
  [
    'values may end behind the record',
    'if (at === 0 || at > end) return false\n  }',
    'if (at === 0) return false\n  }',
  ],
  ['a null in a union is no null', 'setNull(step, index)\n      return at', 'return at'],
  ['a branch that is not there is taken', ' || <u64>word >= branches', ''],
  ['branches are one off', '(<usize>word + 1) * STEP_BYTES', '<usize>word * STEP_BYTES'],
  ['a boolean may be any byte', 'if (byte > 1) return 0', ''],
  ['a boolean overwrites its neighbours', '<u32>load<u8>(place) | (byte', '(byte'],
  ['a symbol may be any number', ' || <u64>word >= <u64>load<u32>(step, SIZE)', ''],
  ['a symbol that the reader does not have is taken', 'if (start >= 0) return 0', ''],
  ['bytes may reach beyond the record', ' || <u64>word > <u64>(end - from)', ''],
  [
    'long text is not checked to be UTF-8',
    'load<i32>(step) === TEXT && !isText',
    'false && !isText',
  ],
  ['short text is not checked to be UTF-8', 'others !== 0 && !isText', 'others === -1 && !isText'],
  ['the last bytes of text are not checked', 'others &= (1 << (<i32>left)) - 1', 'others = 0'],
  [
    'a character may end behind its text',
    'if (at === 0 || at > end) return false\n  }\n  return true',
    'if (at === 0) return false\n  }\n  return true',
  ],
  [
    'short numbers have no sign',
    'word = <i64>(bits >> 1) ^ -(<i64>(bits & 1))',
    'word = <i64>(bits >> 1)',
  ],
  ['numbers of nine bytes have no ninth', '((ninth & 0x7f) << 56)', '0'],
  ['numbers of ten bytes have no tenth', ' | (tenth << 63)', ''],
  ['numbers of ten bytes may have more bits', 'if (tenth > 1) return 0', ''],
  ['bits of four bytes are four', '(fours & 0x0fffffff00000000) >> 4', '0'],
  ['an int may be as long as a long', ' && word !== <i64>(<i32>word)', ' && false'],
  ['a float is a double', 'return at + 4', 'return at + 8'],
  ['a long that becomes a double is one of bits', ' || kind === LONG_AS_DOUBLE', ''],
  ['numbers beyond 2^53 are taken', '(word > SAFE_MAX || word < -SAFE_MAX)', 'false'],
  ['times of any size are taken', 'word <= TIME_MAX && word >= -TIME_MAX', 'true'],
  ['times are cut towards zero', 'word % units < 0 ? quotient - 1 : quotient', 'quotient'],
  ['times are in milliseconds', 'units !== 1', 'false'],
  [
    'nulls are as if they were there',
    'store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))\n}',
    '}',
  ],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compiler.compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      const spoilt = new FlatScanMemory(bytes)
      expect([textTrial, largeTrial, ...TRIALS].some(trial => isDifferent(trial, spoilt))).toBe(
        true,
      )
    },
    120_000,
  )
})
