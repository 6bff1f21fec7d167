import { expect, test } from 'vitest'
import type { Row } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { JsonEncoder } from './json-encoder.ts'

const PLACE = { name: 'test', partition: 0, firstOffset: 0 }

test('writes times in the unit of the output, else in that of the column', () => {
  const Frame = schema({ at: t.timestamp({ unit: 's' }) })
  const batch = sourceBatch([{ value: { at: 1_500 } }], Frame, 'all', PLACE)
  const written = (target: Schema): string => {
    const out = new ByteWriter()
    new JsonEncoder(Frame, target).encode(batch, 0, out)
    return out.copy().toString()
  }
  expect(written(OPEN_SCHEMA)).toBe('{"at":1.5}')
  expect(written(schema({ at: t.timestamp() }))).toBe('{"at":1500}')
  expect(written(schema({ at: t.timestamp({ unit: 'us' }) }))).toBe('{"at":1500000}')
})

test('writes null cells, and names as JSON text', () => {
  const Odd = schema({ 'a"\n': t.string().nullable(), ['__proto__']: t.json() })
  const value = { 'a"\n': null, ['__proto__']: { x: 1n } }
  const out = new ByteWriter()
  new JsonEncoder(Odd, Odd).encode(sourceBatch([{ value }], Odd, 'all', PLACE), 0, out)
  expect(out.copy().toString()).toBe('{"a\\"\\n":null,"__proto__":{"x":1}}')
})

test('writes the columns of its schema from a wider frame, widening integers', () => {
  const Target = schema({ total: t.float64(), n: t.int64() })
  const Wide = schema({ n: t.int32(), extra: t.string(), total: t.int32() })
  const batch = sourceBatch([{ value: { n: 1, extra: 'x', total: 2 } }], Wide, 'all', PLACE)
  const out = new ByteWriter()
  new JsonEncoder(Wide, Target).encode(batch, 0, out)
  expect(out.copy().toString()).toBe('{"total":2,"n":1}')
})

test('refuses a frame that does not fit with every reason', () => {
  const Target = schema({ a: t.string(), b: t.int32(), c: t.string() })
  const Frame = schema({ b: t.int64(), c: t.string().nullable() })
  expect(() => new JsonEncoder(Frame, Target)).toThrow(
    'SCHEMA_MISMATCH: rows of the frame do not fit the output: ' +
      'column "a" must be string and is not declared in the frame; ' +
      'column "b" must be int32 and is int64; cast it; ' +
      'column "c" must not be null and is string?; use fillNull.',
  )
  expect(() => new JsonEncoder(OPEN_SCHEMA, Target)).toThrow('declare it with .as(t.string())')
})

test('writes undeclared columns first and each name once, the declared cell', () => {
  const derived = new Schema([{ name: 'b', type: t.int64() }], true)
  const value = { a: 1, b: 2n, skip: undefined, f: () => 1, c: 3 } as unknown as Row
  const batch = sourceBatch([{ value }], derived, 'all', PLACE)
  const out = new ByteWriter()
  new JsonEncoder(derived, OPEN_SCHEMA).encode(batch, 0, out)
  expect(out.copy().toString()).toBe('{"a":1,"c":3,"b":2}')
})

test('appends nothing when a record fails, and names the column', () => {
  const Frame = schema({ ok: t.string(), rate: t.float64() })
  const cells = { ok: 'x', rate: Number.NaN }
  const batch = sourceBatch([{ value: cells }], Frame, 'all', PLACE)
  const out = new ByteWriter()
  out.text('[')
  expect(() => new JsonEncoder(Frame, OPEN_SCHEMA).encode(batch, 0, out)).toThrow(
    '(at column "rate")',
  )
  expect(out.copy().toString()).toBe('[')
  const open = sourceBatch([{ value: { n: Number.NaN } }], OPEN_SCHEMA, 'all', PLACE)
  expect(() => new JsonEncoder(OPEN_SCHEMA, OPEN_SCHEMA).encode(open, 0, out)).toThrow(
    'JSON has no NaN',
  )
})
