/** The scan in WebAssembly against the clear decoder. */
import { WasmModule } from '@millrace/core'
import { expect, test } from 'vitest'
import { differenceIn } from '../../test/codec-case.ts'
import { compileModule, SOURCE } from '../../test/flat-compiler.ts'
import { FLAT_TRIALS, smallScans, textTrial } from '../../test/flat-trials.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder } from './column-decoder.ts'
import { compiledScan } from './compiled-scan.ts'
import { flatScan } from './flat-scan.ts'
import { FlatScanMemory, flatScanMemory } from './flat-scan-memory.ts'
import { FLAT_SCAN_MODULE } from './flat-scan-module.ts'
import type { ScanPlan } from './scan-plan.ts'

const memory = flatScanMemory() as FlatScanMemory

test('gives what the clear decoder gives, and refuses no more than that fails', () => {
  let scanned = 0
  for (const trial of FLAT_TRIALS) {
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
  expect(scanned).toBeGreaterThan(FLAT_TRIALS.length / 4)
})

test('text is told from other bytes, whatever its length', () => {
  expect(textTrial.want.failures.length).toBeGreaterThan(30)
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
  const bytes = await compileModule(SOURCE)
  expect(Buffer.from(bytes).toString('base64')).toBe(FLAT_SCAN_MODULE)
}, 120_000)

test('what the module keeps lies in front of the memory that is free', async () => {
  const end = 'export function heapBase(): usize { return __heap_base }'
  const bytes = await compileModule(SOURCE, text => `${text}\n${end}`)
  const heapBase = new FlatScanMemory(bytes).exports['heapBase'] as () => number
  expect(heapBase()).toBeGreaterThan(1_000)
  expect(heapBase()).toBeLessThanOrEqual(WasmModule.FREE_FROM)
}, 120_000)
