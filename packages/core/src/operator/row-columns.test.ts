import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { rowWriter } from '../record/format/row-format.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { rowColumns } from './row-columns.ts'

const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70_000, max: 70_000 }))
const KINDS: readonly (readonly [DataType, fc.Arbitrary<CellValue>])[] = [
  [t.string(), fc.string({ unit: 'grapheme' })],
  [t.float64(), fc.oneof(fc.double(), safe, fc.constant(-0))],
  [t.int32(), fc.integer()],
  [t.int64({ as: 'number' }), safe],
  [t.timestamp(), safe],
  [t.boolean(), fc.boolean()],
]

/** Fields, and rows of cells. */
const table = fc
  .array(fc.tuple(fc.constantFrom(...KINDS), fc.boolean()), { minLength: 1, maxLength: 5 })
  .chain(kinds => {
    const fields = kinds.map(([[type], isNullable], i) => ({
      name: `c${i}`,
      type: (isNullable ? type.nullable() : type) as DataType,
    }))
    const cells = kinds.map(([[, cell], isNullable]) =>
      isNullable ? fc.option(cell, { nil: null }) : cell,
    )
    return fc.array(fc.tuple(...cells), { minLength: 1, maxLength: 20 }).map(rows => ({
      fields,
      rows: rows as CellValue[][],
    }))
  })

function batchOf(schema: Schema, rows: readonly CellValue[][]): Batch {
  const columns = schema.fields.map(({ type }, c) =>
    columnOf(
      type,
      rows.map(row => row[c] ?? null),
    ),
  )
  const { records } = examBatch(
    new Schema([]),
    rows.map(() => ({})),
  )
  return new Batch({ schema, columns, rest: null, records, selection: null })
}

test('rows are the bytes that the clear version writes', () => {
  fc.assert(
    fc.property(table, ({ fields, rows }) => {
      const schema = new Schema(fields)
      const write = rowColumns(schema, batchOf(schema, rows))
      const clear = rowWriter(fields, false)
      for (const [index, row] of rows.entries()) {
        const [fast, slow] = [new ByteWriter(), new ByteWriter()]
        write?.(index, fast)
        clear.write(row, null, slow)
        expect(fast.copy()).toEqual(slow.copy())
      }
    }),
  )
})

test.each<[string, DataType, CellValue, DataType]>([
  ['null where there must be none', t.string().nullable(), null, t.string()],
  ['a whole number that no double holds', t.int64({ as: 'bigint' }), 2n ** 60n, t.int64()],
  ['another kind than is sent', t.int32(), 1, t.float64()],
  ['JSON', t.json(), { a: 1 }, t.json()],
])('%s is left to the clear version', (_, type, cell, sent) => {
  const batch = batchOf(new Schema([{ name: 'c', type }]), [[cell]])
  expect(rowColumns(new Schema([{ name: 'c', type: sent }]), batch)).toBe(null)
})

test('whole objects are left to the clear version', () => {
  const schema = new Schema([{ name: 'c', type: t.int32() }], true)
  expect(rowColumns(schema, batchOf(schema, [[1]]))).toBe(null)
})
