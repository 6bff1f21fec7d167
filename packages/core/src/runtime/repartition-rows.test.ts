import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { rowReader, rowWriter } from '../record/format/row-format.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { type Field, Schema } from '../schema/schema.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { RepartitionRows } from './repartition-rows.ts'

const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70_000, max: 70_000 }))
const KINDS: readonly (readonly [DataType, fc.Arbitrary<CellValue>])[] = [
  [t.string(), fc.string({ unit: 'grapheme' })],
  [t.float64(), fc.oneof(fc.double(), safe, fc.constant(-0))],
  [t.int32(), fc.integer()],
  [t.int64({ as: 'number' }), safe],
  [t.int64({ as: 'bigint' }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [t.timestamp(), fc.oneof(safe, fc.double({ noNaN: true }))],
  [t.boolean(), fc.boolean()],
]
const column = fc.tuple(fc.constantFrom(...KINDS), fc.boolean())

/** A row as one writes it, and as another reads it: mostly of the same fields. */
const written = fc.record({
  columns: fc.array(column, { maxLength: 4 }),
  readAs: fc.option(fc.array(column, { maxLength: 4 }), { freq: 3 }),
  cells: fc.gen(),
  changed: fc.option(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { freq: 2 }),
  cut: fc.option(fc.nat({ max: 12 }), { freq: 1 }),
})

function fieldsOf(columns: readonly (readonly [(typeof KINDS)[0], boolean])[]): Field[] {
  return columns.map(([[type], isNullable], i) => ({
    name: `c${i}`,
    type: (isNullable ? type.nullable() : type) as DataType,
  }))
}

function rawOf(value: Buffer): RawBatch {
  const builder = new RawRecordsBuilder()
  builder.append(Buffer.from('before'), Buffer.from('other'), 0)
  builder.append(Buffer.from('key'), value, 0)
  const offsets = Float64Array.of(0, 1)
  return { ...builder.build(), topic: 'internal', partition: 0, offsets, nextOffset: 2 }
}

/** The cells of the record, or null where it cannot be read. */
function clearly(fields: readonly Field[], value: Buffer): CellValue[] | null {
  const cells: CellValue[] = new Array(fields.length).fill(null)
  try {
    rowReader(fields).read(value, cells)
    return cells
  } catch {
    return null
  }
}

test('a row that it takes is what the clear version reads; it takes nothing that cannot be read', () => {
  let taken = 0
  fc.assert(
    fc.property(written, ({ columns, readAs, cells: make, changed, cut }) => {
      const row = columns.map(([[, cell], isNullable]) =>
        make(() => (isNullable ? fc.option(cell, { nil: null }) : cell)),
      )
      const out = new ByteWriter()
      rowWriter(fieldsOf(columns), false).write(row, null, out)
      const value = out.copy().subarray(0, Math.max(0, out.size - (cut ?? 0)))
      if (changed !== null && value.length > 0) value[changed[0] % value.length] = changed[1]
      const fields = fieldsOf(readAs ?? columns)
      const rows = RepartitionRows.of(new Schema(fields)) as RepartitionRows
      rows.begin(rawOf(value), 1)
      const expected = clearly(fields, value)
      if (rows.read(1, 0)) taken++
      else if (expected === null) return
      else rows.put(0, expected)
      expect(expected).not.toBe(null)
      const kept = fields.map(({ type }, c) => columnOf(type, [expected?.[c] ?? null]).get(0))
      expect(rows.columns().map(each => each.get(0))).toEqual(kept)
    }),
    { numRuns: 3_000 },
  )
  expect(taken).toBeGreaterThan(300)
})

test('rows with columns of other kinds, and whole objects, are not for it', () => {
  expect(RepartitionRows.of(new Schema([{ name: 'a', type: t.json() }]))).toBe(null)
  expect(RepartitionRows.of(new Schema([{ name: 'a', type: t.int32() }], true))).toBe(null)
})
