import { randomBytes } from 'node:crypto'
import {
  Application,
  type CellValue,
  col,
  count,
  fromArray,
  listSink,
  type Row,
  type Source,
  type StreamingDataFrame,
  schema,
  t,
  tumbling,
} from '@millrace/core'
import { expect, test } from 'vitest'
import { counted, fileBytes } from '../../test/files-of.ts'
import { parquet } from '../files/parquet-format.ts'
import { fromParquet } from './parquet-source.ts'

const Cells = schema({
  n: t.int32().nullable(),
  large: t.int64().nullable(),
  real: t.float64().nullable(),
  at: t.timestamp({ unit: 'ms' }).nullable(),
  text: t.string().nullable(),
})
type Frame = StreamingDataFrame<Row>

function frameOf(source: Source): Frame {
  return new Application({ id: 'read' }).dataframe(source)
}

/** Statistics hold the beginning of long text only. */
const LONG = 'a'.repeat(80)
const CELLS: { readonly [name: string]: readonly CellValue[] } = {
  n: [null, 0, -3, 40],
  large: [null, -(2n ** 63n), 2n ** 53n + 1n],
  real: [null, -0, 2.5, Number.NaN, Infinity],
  at: [null, -1, 1.7e12],
  text: [null, 'ab', '\uffff', '😀', `${LONG}b`],
}
const COMPARISONS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte'] as const

test.each(Object.entries(CELLS))('no row that is wanted is left out: %s', async (name, cells) => {
  const none = { n: null, large: null, real: null, at: null, text: null }
  const pairs = cells.flatMap(first => cells.map(second => [first, second]))
  const rows: Row[] = pairs.flat().map(cell => ({ ...none, [name]: cell }))
  const file = fileBytes(parquet({ rowGroupRowsMax: 2 }), Cells, rows)
  const app = new Application({ id: 'read' })
  const source = await fromParquet(await counted('x.parquet', file), { schema: Cells })
  const sources = [source, fromArray(rows, { schema: Cells })]
  // biome-ignore lint/suspicious/noExplicitAny: methods by name, of columns of any type.
  const column = col(name) as any
  const literals = cells.filter(cell => cell !== null)
  const conditions = literals.flatMap(literal => [
    ...COMPARISONS.map(is => column[is](literal)),
    column.gt(literal).not(),
    column.gte(literal).or(column.lt(literals[0])),
    column.isIn([literal, literals[1]]),
    ...literals.map(other => column.gt(literal).and(column.lte(other))),
  ])
  const found = conditions.map(condition =>
    sources.map(from => {
      const sink = listSink()
      // Of a frame of its own: what one of many frames wants is read for all of them.
      app.dataframe(from).where(condition).sink(sink)
      return sink
    }),
  )
  await app.run()
  for (const [i, [fromFile, fromMemory]] of found.entries()) {
    expect(fromFile?.rows, `${conditions[i]}`).toEqual(fromMemory?.rows)
  }
})

/** Ten row groups of some 80 kB each; `n` ascends, `noise` can't be compressed. */
const LARGE = schema({ n: t.int32(), name: t.string(), noise: t.string(), at: t.timestamp() })
const largeRows: Row[] = Array.from({ length: 1_000 }, (_, n) => ({
  n,
  name: `name ${n}`,
  noise: randomBytes(400).toString('hex'),
  at: 1.7e12 + n,
}))
const largeFile = fileBytes(
  parquet({ rowGroupRowsMax: 100, compression: 'none' }),
  LARGE,
  largeRows,
)

/** Bytes read of the file, for the rows that come of it. */
async function read(
  made: (frame: Frame) => Frame,
  options = {},
): Promise<{ bytes: number; rows: Row[] }> {
  const { store, bytes } = await counted('x.parquet', largeFile)
  const source = await fromParquet({ store }, options)
  const before = bytes()
  const rows = (await made(frameOf(source)).collect()) as Row[]
  return { bytes: bytes() - before, rows }
}

test('row groups without a wanted row, and columns that are not looked at, are not read', async () => {
  const all = await read(frame => frame)
  expect(all.bytes).toBeGreaterThan(800_000)
  const some = await read(frame => frame.where(col('n').gte(350)).where(col('n').lt(420)))
  expect(some.rows.map(({ n }) => n)).toEqual(largeRows.slice(350, 420).map(({ n }) => n))
  // Two of ten groups, and the end of the file with its metadata.
  expect(some.bytes).toBeGreaterThan(160_000)
  expect(some.bytes).toBeLessThan(2 * 85_000 + 70_000)
  const narrow = await read(frame => frame.select('n') as unknown as Frame)
  expect(narrow.rows).toHaveLength(1_000)
  expect(narrow.bytes).toBeLessThan(80_000)
  const none = await read(frame => frame.where(col('name').eq('zzz')))
  expect(none.rows).toEqual([])
  expect(none.bytes).toBeLessThan(70_000)
})

test('what one of two readers looks at is read', async () => {
  const { store, bytes } = await counted('x.parquet', largeFile)
  const app = new Application({ id: 'read' })
  const frame: Frame = app.dataframe(await fromParquet({ store }))
  const sinks = [listSink(), listSink()] as const
  frame.where(col('n').lt(100)).sink(sinks[0])
  frame.where(col('n').gte(900)).sink(sinks[1])
  await app.run()
  expect(sinks[0].rows).toEqual(largeRows.slice(0, 100))
  expect(sinks[1].rows).toEqual(largeRows.slice(900))
  expect(bytes()).toBeLessThan(2 * 85_000 + 2 * 70_000)
})

test('all are read where a result depends on the records that are filtered', async () => {
  const windows = (frame: Frame): Frame =>
    frame
      .groupBy('name')
      .window(tumbling('1s'))
      .agg(() => ({ many: count() }))
      .final() as unknown as Frame
  const some = await read(frame => windows(frame.where(col('n').lt(50))), { timestamp: 'at' })
  const all = await read(frame => windows(frame.where(col('n').gte(0))), { timestamp: 'at' })
  expect(some.bytes).toBe(all.bytes)
})

test('a record has its number in the file, whatever is left out before it', async () => {
  const frame = (source: Frame): Frame =>
    source.where(col('n').gt(850)).filter(() => {
      throw new Error('no')
    })
  await expect(read(frame)).rejects.toThrow(/partition 0, offset 851|\/0 offset 851/)
})
