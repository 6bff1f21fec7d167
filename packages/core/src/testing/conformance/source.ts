/**
 * The exam of sources.
 *
 * The same records come in the same order whatever the size of a read and wherever a reader goes
 * on; positions fit into an epoch marker; cells fit the schema; what is wanted is not left out.
 */
import type { CellValue } from '../../batch/column.ts'
import { isRefusal, toCell } from '../../schema/cell.ts'
import type { ColumnBound, RecordsWanted } from '../../source/column-bound.ts'
import type { Source, SourceChunk, SourceRecord } from '../../source/source.ts'
import { ManualClock } from '../manual-clock.ts'
import type { TestHooks } from './test-hooks.ts'

const POSITION = /^[\x20-\x7e]{1,1000}$/
const READS_MAX = 100_000

/** Registers the questions with a test runner; the source must be bounded and hold some records. */
export function testSource(hooks: TestHooks, factory: () => Source): void {
  hooks.describe(`source ${factory().name}`, () => {
    testReading(hooks, factory)
    testPositions(hooks, factory)
    testWanted(hooks, factory)
  })
}

function testReading({ test, expect }: TestHooks, factory: () => Source): void {
  test('is a frozen description of a bounded source with records', async () => {
    const source = factory()
    expect(Object.isFrozen(source)).toBe(true)
    expect(source.isBounded).toBe(true)
    const counts = await Promise.all(
      partitions(source).map(async p => (await all(source, p)).length),
    )
    expect(counts.some(count => count > 0)).toBe(true)
  })

  test('gives the same records whatever is read at once, and never more', async () => {
    const source = factory()
    for (const partition of partitions(source)) {
      const expected = await all(source, partition)
      for (const recordsMax of [1, 2, 7]) {
        const chunks = await chunksOf(source, partition, { recordsMax, position: null })
        expect(chunks.flatMap(chunk => chunk.records)).toEqual(expected)
        expect(chunks.every(chunk => chunk.records.length <= recordsMax)).toBe(true)
      }
    }
  })

  test('gives nothing more behind its end', async () => {
    const source = factory()
    const reader = await source.open(0, null)
    let chunk = await reader.read(1_000)
    for (let i = 0; i < READS_MAX && !chunk.isEnd; i++) chunk = await reader.read(1_000)
    const { position } = chunk
    expect(await reader.read(1_000)).toEqual({ records: [], position, isEnd: true })
    await reader.close()
    await reader.close()
  })

  test('gives checked cells and whole timestamps', async () => {
    const source = factory()
    const unfit: CellValue[] = []
    for (const partition of partitions(source)) {
      for (const { value, timestamp = 0 } of await all(source, partition)) {
        if (!Number.isInteger(timestamp)) unfit.push(timestamp)
        for (const { name, type } of source.schema.fields) {
          const cell = Object.hasOwn(value, name) ? value[name] : undefined
          // A cell comes through its own check unchanged.
          const checked = toCell(type, cell)
          if (isRefusal(checked) || !Object.is(checked, cell)) unfit.push(value)
        }
      }
    }
    expect(unfit).toEqual([])
  })
}

function testPositions({ test, expect }: TestHooks, factory: () => Source): void {
  test('goes on from every position it gave, as short printable text', async () => {
    const source = factory()
    for (const partition of partitions(source)) {
      const chunks = await chunksOf(source, partition, { recordsMax: 3, position: null })
      for (const [i, { position }] of chunks.entries()) {
        expect(POSITION.test(position)).toBe(true)
        const expected = chunks.slice(i + 1).flatMap(chunk => chunk.records)
        const again = await chunksOf(source, partition, { recordsMax: 5, position })
        expect(again.flatMap(chunk => chunk.records)).toEqual(expected)
      }
    }
  })

  test('a read of no records gives the position where the reader stands', async () => {
    const source = factory()
    const expected = await all(source, 0)
    for (const before of [0, 1, 3]) {
      const reader = await source.open(0, null)
      const given = before === 0 ? [] : (await reader.read(before)).records
      const { records, position } = await reader.read(0)
      await reader.close()
      expect(records).toEqual([])
      const rest = await chunksOf(source, 0, { recordsMax: 10_000, position })
      expect([...given, ...rest.flatMap(chunk => chunk.records)]).toEqual(expected)
    }
  })

  test('readers do not disturb each other', async () => {
    const source = factory()
    const expected = await all(source, 0)
    const readers = [await source.open(0, null), await source.open(0, null)]
    const read: SourceRecord[][] = [[], []]
    for (let i = 0; i < READS_MAX; i++) {
      const chunks = await Promise.all(readers.map(reader => reader.read(1)))
      for (const [r, chunk] of chunks.entries()) read[r]?.push(...chunk.records)
      if (chunks.every(chunk => chunk.isEnd)) break
    }
    for (const reader of readers) await reader.close()
    expect(read).toEqual([expected, expected])
  })
}

function testWanted({ test, expect }: TestHooks, factory: () => Source): void {
  test('leaves out none that is wanted, and counts those that it leaves out', async () => {
    const source = factory()
    for (const partition of partitions(source)) {
      const expected = await all(source, partition)
      for (const bound of boundsWithin(source, expected)) {
        const from = { recordsMax: 4, position: null, wanted: [[bound]] }
        const given = new Map<number, SourceRecord>()
        let number = 0
        for (const { records, leftOut = 0 } of await chunksOf(source, partition, from)) {
          number += leftOut
          for (const record of records) given.set(number++, record)
        }
        for (const [i, record] of expected.entries()) {
          if (given.has(i) || record.value[bound.column] === bound.value) {
            expect(given.get(i)).toEqual(record)
          }
        }
      }
    }
  })
}

/** Of each column that has an order, one that a record in the middle meets. */
function boundsWithin({ schema }: Source, records: readonly SourceRecord[]): ColumnBound[] {
  return schema.names.flatMap(column => {
    const cells = records.map(({ value }) => value[column]).filter(isOrdered)
    const value = cells[cells.length >> 1]
    return value === undefined ? [] : [{ column, is: 'eq' as const, value }]
  })
}

function isOrdered(cell: CellValue | undefined): cell is ColumnBound['value'] {
  if (typeof cell === 'number') return !Number.isNaN(cell)
  return typeof cell === 'bigint' || typeof cell === 'string'
}

function partitions(source: Source): number[] {
  return Array.from({ length: source.partitionCount }, (_, partition) => partition)
}

async function all(source: Source, partition: number): Promise<SourceRecord[]> {
  const chunks = await chunksOf(source, partition, { recordsMax: 10_000, position: null })
  return chunks.flatMap(chunk => chunk.records)
}

async function chunksOf(
  source: Source,
  partition: number,
  from: {
    readonly recordsMax: number
    readonly position: string | null
    readonly wanted?: RecordsWanted
  },
): Promise<SourceChunk[]> {
  const { wanted } = from
  const clock = new ManualClock()
  const context = wanted === undefined ? undefined : { clock, wanted }
  const reader = await source.open(partition, from.position, context)
  const chunks: SourceChunk[] = []
  try {
    do {
      const chunk = await reader.read(from.recordsMax)
      chunks.push(chunk)
      await clock.advance(Math.max(0, (chunk.resumeAt ?? 0) - clock.now()))
    } while (!chunks.at(-1)?.isEnd && chunks.length < READS_MAX)
  } finally {
    await reader.close()
  }
  return chunks
}
