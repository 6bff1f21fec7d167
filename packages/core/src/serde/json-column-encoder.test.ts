import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import type { Row } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { decimalText } from '../util/decimal.ts'
import { jsonEncoder } from './json-column-encoder.ts'
import { JsonEncoder } from './json-encoder.ts'
import { isRowsEncoder, type RowsEncoder } from './rows-encoder.ts'
import type { Encoder } from './serde.ts'

const TIME = fc.integer({ min: -8.64e15, max: 8.64e15 })
const DECIMAL = fc
  .tuple(fc.integer(), fc.integer({ min: 0, max: 12 }))
  .map(([mantissa, scale]) => mantissa / 10 ** scale)

const COLUMNS: readonly (readonly [DataType, fc.Arbitrary<unknown>])[] = [
  [t.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('a'.repeat(99)))],
  [t.boolean(), fc.boolean()],
  [
    t.int32(),
    fc.oneof(fc.integer(), fc.constantFrom(-0x8000_0000, 0x7fff_ffff, 0, 9, 10, 99_999_999)),
  ],
  [
    t.int64(),
    fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt)),
  ],
  [t.int64({ as: 'number' }), fc.maxSafeInteger()],
  [
    t.float64(),
    fc.oneof(fc.double(), DECIMAL, fc.integer(), fc.constantFrom(-0, 1e21, 1e-6, 1e-7, 0.1, -0.25)),
  ],
  [t.decimal(9, 2), fc.integer({ min: -99_999_999, max: 99_999_999 }).map(n => decimalText(n, 2))],
  [
    t.decimal(38),
    fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map(n => decimalText(n, 0)),
  ],
  [t.timestamp(), TIME],
  ...(['s', 'ms', 'us', 'ns'] as const).map(unit => [t.timestamp({ unit }), TIME] as const),
  [t.bytes(), fc.uint8Array()],
  [t.json(), fc.oneof(fc.jsonValue(), fc.constant(12345678901234567890n))],
]

interface Case {
  readonly batch: Batch
  readonly frame: Schema
}

const cases: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.constantFrom(...COLUMNS), fc.boolean()), { maxLength: 6 })
  .chain(chosen => {
    const frame = new Schema(
      chosen.map(([[type], isNullable], i) => {
        return { name: i === 1 ? 'q"\n\u2028' : `c${i}`, type: isNullable ? type.nullable() : type }
      }),
    )
    const cells = chosen.map(([[, cell], isNullable]) => {
      return isNullable
        ? fc.option(cell as fc.Arbitrary<Row[string]>)
        : (cell as fc.Arbitrary<Row[string]>)
    })
    const row = fc
      .tuple(...cells)
      .map(values => Object.fromEntries(values.map((value, i) => [frame.names[i], value])) as Row)
    return fc.array(row, { minLength: 1, maxLength: 3 }).map(rows => {
      const place = { name: 'test', partition: 0, firstOffset: 0 }
      const records = rows.map(value => ({ value }))
      return { frame, batch: sourceBatch(records, frame, 'all', place) }
    })
  })

/** What an encoder writes of each record, or why not. */
function written(encoder: Encoder, batch: Batch): string[] {
  const out = new ByteWriter(1)
  return Array.from({ length: batch.length }, (_, index) => {
    const before = out.size
    try {
      encoder.encode(batch, index, out)
    } catch (error) {
      expect(out.size).toBe(before)
      return MillraceError.is(error) ? error.message : String(error)
    }
    return out.copy().toString('latin1', before)
  })
}

test('writes the bytes that the clear encoder writes, and fails as it does', () => {
  fc.assert(
    fc.property(cases, ({ frame, batch }) => {
      for (const target of [frame, OPEN_SCHEMA]) {
        const clear = written(new JsonEncoder(frame, target), batch)
        expect(written(jsonEncoder(frame, target), batch)).toEqual(clear)
      }
    }),
    { numRuns: 2_000 },
  )
}, 60_000)

test('writes many rows as it writes each, but for those that it leaves out', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(3, 20), ({ frame, batch }, count) => {
      const encoder = jsonEncoder(frame, OPEN_SCHEMA)
      const rows = Int32Array.from({ length: count }, (_, n) => n % batch.length)
      const many = isRowsEncoder(encoder) ? encoder.encodeRows(batch, rows) : null
      if (many === null) return
      const clear = written(new JsonEncoder(frame, OPEN_SCHEMA), batch)
      let at = 0
      for (const [i, size] of many.sizes.entries()) {
        const from = at
        at += Math.max(0, size)
        const text = Buffer.from(many.bytes.subarray(from, at)).toString('latin1')
        if (size < 0) expect(clear[i % batch.length]).toContain('ENCODE_FAILED')
        else expect(text).toBe(clear[i % batch.length])
      }
      expect(at).toBe(many.bytes.length)
    }),
    { numRuns: 1_000 },
  )
}, 60_000)

test('leaves rows with undeclared columns to the clear encoder', () => {
  const frame = new Schema([{ name: 'n', type: t.int32() }], true)
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  const batch = sourceBatch([{ value: { n: 1, other: 2 } }], frame, 'all', place)
  const encoder = jsonEncoder(frame, OPEN_SCHEMA) as RowsEncoder
  expect(encoder.encodeRows(batch, new Int32Array(20))).toBe(null)
  expect(written(encoder, batch)).toEqual(['{"other":2,"n":1}'])
})

test('follows the batch it is given', () => {
  const frame = new Schema([{ name: 'n', type: t.int32() }])
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  const of = (n: number): Batch => sourceBatch([{ value: { n } }], frame, 'all', place)
  const encoder = jsonEncoder(frame, frame)
  expect([of(1), of(2)].flatMap(batch => written(encoder, batch))).toEqual(['{"n":1}', '{"n":2}'])
})

test('times are written in the unit of the output', () => {
  const frame = new Schema([{ name: 'at', type: t.timestamp() }])
  const place = { name: 'test', partition: 0, firstOffset: 0 }
  const batch = sourceBatch([{ value: { at: 1_500 } }], frame, 'all', place)
  const target = new Schema([{ name: 'at', type: t.timestamp({ unit: 's' }) }])
  expect(written(jsonEncoder(frame, target), batch)).toEqual(['{"at":1.5}'])
})
