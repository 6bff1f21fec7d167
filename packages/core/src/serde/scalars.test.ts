import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { testSerde } from '../testing/conformance/serde.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { ScalarSerde } from './scalar-serde.ts'
import { bytes, double, integer, long, string } from './scalars.ts'

const hooks = { describe, test, expect }
const rowsOf = (...cells: CellValue[]) => cells.map(value => ({ value }))
const wrongSizes = (size: number) =>
  [0, 1, size - 1, size + 1].map(length => ({ bytes: Buffer.alloc(length) }))
const unwritable = [
  OPEN_SCHEMA,
  schema({}),
  schema({ value: t.boolean() }),
  schema({ value: t.string(), more: t.string() }),
]

testSerde(hooks, string, {
  rows: rowsOf('a', '', 'ü\u2028"', '\ufffd'),
  bad: [{ bytes: Buffer.from([0xff]) }, { bytes: Buffer.from([0xc3]) }],
  unwritable: [...unwritable, schema({ value: t.string().nullable() })],
})
testSerde(hooks, bytes, {
  rows: rowsOf(Buffer.from([0, 255]), Buffer.alloc(0)),
  bad: [],
  unwritable: [...unwritable, schema({ value: t.string() })],
})
testSerde(hooks, integer, {
  rows: rowsOf(0, -1, 0x7fff_ffff, -0x8000_0000),
  bad: wrongSizes(4),
  unwritable: [...unwritable, schema({ value: t.float64() })],
})
testSerde(hooks, long, {
  rows: rowsOf(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  bad: wrongSizes(8),
  unwritable: [...unwritable, schema({ value: t.float64() })],
})
testSerde(hooks, double, {
  rows: rowsOf(0, -0, 0.1, Number.NaN, Number.NEGATIVE_INFINITY),
  bad: wrongSizes(8),
  unwritable: [...unwritable, schema({ value: t.int64() })],
})

function cell(serde: ScalarSerde, value: CellValue): string {
  const out = new ByteWriter()
  serde.encodeCell(value, out)
  return out.copy().toString('hex')
}

test("cells have the bytes of Kafka's serializers", () => {
  expect(cell(string(), 'aü')).toBe('61c3bc')
  expect(cell(integer(), 1)).toBe('00000001')
  expect(cell(integer(), -2)).toBe('fffffffe')
  expect(cell(long(), 1n)).toBe('0000000000000001')
  expect(cell(long(), 0x0102_0304_0506)).toBe('0000010203040506')
  expect(cell(double(), 1.5)).toBe('3ff8000000000000')
  const negativeNaN = Buffer.from('fff8000000000000', 'hex').readDoubleBE(0)
  expect(cell(double(), negativeNaN)).toBe('7ff8000000000000')
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
      expect(Buffer.from(cell(long(), value), 'hex').readBigInt64BE()).toBe(value)
    }),
  )
})

test('cells of another type and null are refused', () => {
  expect(() => cell(integer(), 1.5)).toThrow(
    'ENCODE_FAILED: integer takes a whole number of 32 bits; got 1.5. Cast the column before.',
  )
  expect(() => cell(string(), 5)).toThrow('string takes text; got 5')
  expect(() => cell(string(), null)).toThrow('string takes string, not null; got null')
})
