/**
 * A function that is shown a view gives what it gives of plain rows: the conformance of laziness.
 * Which functions get a view is told in `expr/function-reads.test.ts`.
 */
import { describe, expect, test } from 'vitest'
import { functionReads } from '../expr/function-reads.ts'
import { t } from '../schema/data-type.ts'
import { Schema, schema } from '../schema/schema.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import type { Batch } from './batch.ts'
import type { CellValue } from './column.ts'
import { clearRows, type Row, rowsOf } from './row.ts'
import { rowReader } from './row-view.ts'

const ODD_NAMES = [
  ...[
    'odd name',
    "it's",
    'a"b',
    'c\\d',
    'line\nbreak',
    '\u2028',
    '$' + '{x}',
    '*/',
    '#i',
    'at',
    'view',
  ],
  ...['0', '-1', '', 'i', 'this', 'class', 'é\u{1f600}', '__proto__', 'constructor'],
]

const All = schema({
  text: t.string().nullable(),
  flag: t.boolean().nullable(),
  n: t.int32().nullable(),
  big: t.int64().nullable(),
  safe: t.int64({ as: 'number' }).nullable(),
  x: t.float64().nullable(),
  at: t.timestamp().nullable(),
  raw: t.bytes().nullable(),
  tags: t.json().nullable(),
})
const FULL = {
  text: 'é\u{1f600}',
  flag: true,
  n: -(2 ** 31),
  big: -(2n ** 63n),
  safe: -Number.MAX_SAFE_INTEGER,
  x: Number.NaN,
  at: -1,
  raw: Buffer.from([1, 2]),
  tags: { a: [1] },
}
const NONE = Object.fromEntries(Object.keys(FULL).map(name => [name, null]))
const EXTREMES = {
  ...FULL,
  big: 2n ** 63n - 1n,
  safe: 2 ** 52 + 1,
  x: -0,
  n: 2 ** 31 - 1,
  flag: false,
}
const batch = batchOfRows(All, [FULL, NONE, EXTREMES, FULL])

type RowFunction = (row: never) => unknown
/** A function as a user's program holds it: nothing of this file's compilation is in its source. */
const made = (source: string): RowFunction => new Function(`return ${source}`)() as RowFunction

/** What the function gives of each row, as it is shown them and of plain rows. */
function bothWays(apply: RowFunction, of: Batch): [unknown[], unknown[]] {
  const { names } = functionReads(apply)
  const through = (rowAt: (index: number) => Row): unknown[] =>
    Array.from({ length: of.length }, (_, i) => apply(rowAt(i) as never))
  return [through(rowReader(names)(of)), through(clearRows(of))]
}

describe('a function gives the same of a view and of plain rows', () => {
  test.each([
    ...Object.keys(FULL).map(name => `row => [row.${name}]`),
    'row => Object.is(row.x, -0)',
    'row => row.raw === row.raw',
    'row => row.tags?.a === row.tags?.a',
    'row => row.missing',
    'row => [row.missing, row.at, row.view, row.i]',
    '({ text, n: twice = 3, missing: { length } = { length: 3 } }) => [text, twice, length]',
    'row => { const { x, ...rest } = row; return [x, rest] }',
    'row => ({ ...row, n: 1 })',
    'row => ({ n: row.n, x: row.x })',
    'row => Object.keys(row)',
    'row => Object.entries(row)',
    'row => { const all = []; for (const name in row) all.push(name); return all }',
    'row => ["text" in row, "missing" in row, Object.hasOwn(row, "n")]',
    'row => JSON.stringify({ ...row, big: null })',
    'row => structuredClone({ row, tags: 1 }).row',
    'row => row === row && row == row',
    'row => [row, row.n]',
    'row => row["odd name"]',
    'function (row) { return arguments[0].n }',
    'row => (() => row.n)()',
    'row => { row.n = 7; return [row.n, Object.keys(row)] }',
    'row => { delete row.n; return Object.keys(row) }',
    'row => row.hasOwnProperty("n")',
    'row => typeof row.toString',
  ])('%s', source => {
    const [lazy, plain] = bothWays(made(source), batch)
    expect(lazy).toEqual(plain)
  })

  test.each(ODD_NAMES)('of a column named %j', name => {
    const odd = new Schema([
      { name: 'n', type: t.int32() },
      { name, type: t.float64().nullable() },
    ])
    const cells: Record<string, CellValue> = { n: 1 }
    Object.defineProperty(cells, name, { value: 2.5, enumerable: true })
    const of = batchOfRows(odd, [cells, { n: 2 }])
    const [lazy, plain] = bothWays(made(`row => row[${JSON.stringify(name)}]`), of)
    expect(lazy).toEqual(plain)
    expect(lazy).toEqual([2.5, null])
  })

  test('of undeclared columns of open batches, where null is not missing', () => {
    const Open = new Schema([{ name: 'n', type: t.int32() }], true)
    const of = batchOfRows(Open, [{ n: 1, a: null, b: 2 }, { n: 2 }, { n: 3, a: { c: 1 } }, null])
    const apply = made('row => [row.n, row.a, row.b, row.length]')
    const [lazy, plain] = bothWays(apply, of)
    expect(lazy).toEqual(plain)
    expect(lazy[0]).toEqual([1, null, 2, undefined])
    expect(lazy[1]).toEqual([2, undefined, undefined, undefined])
  })
})

test('a reader goes from batch to batch, whatever columns they have', () => {
  const read = rowReader(['n', 'x'])
  const other = batchOfRows(schema({ x: t.int32(), y: t.string() }), [{ x: 4, y: 'y' }])
  const seen = [batch, other, batch].map(of => {
    const row = read(of)(0) as { n: unknown; x: unknown }
    return [row.n, row.x]
  })
  expect(seen).toEqual([
    [-(2 ** 31), Number.NaN],
    [undefined, 4],
    [-(2 ** 31), Number.NaN],
  ])
})

test('rows made as literals are rows made property by property', () => {
  const fields = ODD_NAMES.map(name => ({ name, type: t.int32() }))
  const cells = Object.fromEntries(ODD_NAMES.map((name, i) => [name, i]))
  const odd = batchOfRows(new Schema(fields), [cells])
  const [fast, clear] = [rowsOf(odd)(0), clearRows(odd)(0)]
  expect(Object.entries(fast)).toEqual(Object.entries(clear))
  expect(Object.getPrototypeOf(fast)).toBe(Object.prototype)
  expect(rowsOf(batch)(2)).toEqual(clearRows(batch)(2))
  expect(rowsOf(batch)(0)).not.toBe(rowsOf(batch)(0))
})
