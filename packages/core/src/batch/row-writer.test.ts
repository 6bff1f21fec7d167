/** Rows written by generated code against the clear version: cells, and refusals word by word. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { outputColumn } from './output-column.ts'
import type { Row } from './row.ts'
import { rowCells } from './row-cells.ts'
import { rowWriter } from './row-writer.ts'

const S = schema({
  s: t.string(),
  b: t.boolean().nullable(),
  i: t.int32(),
  l: t.int64().nullable(),
  n: t.int64({ as: 'number' }),
  x: t.float64().nullable(),
  ts: t.timestamp(),
})

const any = fc.constantFrom<unknown>(
  ...[0, -0, 1, -1, 2 ** 31, 2 ** 53, 1.5, 1e9, 1.7e12, 1e14, Number.NaN, Infinity, 3n, 2n ** 63n],
  ...['a', '7', '\ud800', '2020-01-01T00:00:00Z', true, false, null, undefined, {}, new Date(5)],
)
const good = fc.record({
  s: fc.string(),
  b: fc.option(fc.boolean()),
  i: fc.constantFrom(0, -0, 2 ** 31 - 1, -(2 ** 31)),
  l: fc.option(
    fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger()),
  ),
  n: fc.oneof(fc.maxSafeInteger(), fc.constant(-0)),
  x: fc.option(fc.double()),
  ts: fc.oneof(fc.constantFrom(-1, 0, 1.7e12, 1_700_000_000_000.5), fc.nat()),
})
const bad = fc.record({ s: any, b: any, i: any, l: any, n: any, x: any, ts: any })
const row = fc.oneof(
  good,
  fc.tuple(good, bad, fc.constantFrom(...S.names)).map(([of, other, name]) => {
    return { ...of, [name]: (other as Row)[name] }
  }),
  fc.tuple(good, fc.constantFrom(...S.names)).map(([{ ...of }, name]) => {
    delete (of as Partial<typeof of>)[name as never]
    return of
  }),
  good.map(of => Object.assign(Object.create({ s: 'inherited' }), of)),
  good.map(({ s: _, ...of }) => Object.assign(Object.create({ s: 'inherited' }), of)),
  good.map(of => Object.assign(Object.create(null), of)),
)

test('generated and clear writers agree', () => {
  const write = rowWriter(S)
  fc.assert(
    fc.property(fc.array(row, { maxLength: 9 }), rows => {
      const outputs = S.fields.map(({ type }) => outputColumn(type, rows.length, type.isNullable))
      const expected = rows.map(each => attempt(() => rowCells(S, each as Row)))
      const written = rows.map((each, i) => attempt(() => write(each as Row, i, outputs)))
      const columns = outputs.map(output => output.column())
      const got = written.map((failed, i) => failed ?? columns.map(column => column.get(i)))
      // Columns hold 64-bit integers and UTF-8.
      expect(got).toEqual(expected.map(cells => (Array.isArray(cells) ? cells.map(stored) : cells)))
    }),
    { numRuns: 2_000 },
  )
})

function stored(cell: unknown, i: number): unknown {
  if (typeof cell === 'string') return Buffer.from(cell, 'utf8').toString('utf8')
  return S.names[i] === 'l' && typeof cell === 'number' ? BigInt(cell) : cell
}

function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return String(error)
  }
}
