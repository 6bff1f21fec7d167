import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type BytesColumn,
  type CellValue,
  Int64Column,
  type StringColumn,
} from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { defaultKeySerde, naturalKeySerde, serdeKey } from './key-serde.ts'
import { bytes, long, string } from './scalars.ts'

function key(types: readonly DataType[], cells: readonly CellValue[]): Buffer | null {
  const out = new ByteWriter()
  out.text('behind ')
  const isKey = defaultKeySerde(types).encodeKey(cells, out)
  return isKey ? out.copy().subarray('behind '.length) : null
}

test.each<[DataType, CellValue, Buffer]>([
  [t.string(), 'ü', Buffer.from('ü')],
  [t.bytes(), Buffer.from([1, 0]), Buffer.from([1, 0])],
  [t.int32(), -1, Buffer.from('ffffffff', 'hex')],
  [t.int64(), 1n, Buffer.from('0000000000000001', 'hex')],
  [t.int64({ as: 'number' }), 1, Buffer.from('0000000000000001', 'hex')],
  [t.timestamp(), 256, Buffer.from('0000000000000100', 'hex')],
  [t.float64(), 1.5, Buffer.from('3ff8000000000000', 'hex')],
  [t.boolean(), true, Buffer.from('true')],
  [t.json(), { a: [1n] }, Buffer.from('{"a":[1]}')],
])('one column of %s has its natural form', (type, cell, expected) => {
  expect(key([type], [cell])).toEqual(expected)
  expect(key([type.nullable()], [null])).toBe(null)
})

test('several columns are a JSON array with null for null', () => {
  const types = [t.string(), t.int64().nullable(), t.bytes(), t.timestamp(), t.boolean()]
  const cells = ['a"', null, Buffer.from([1, 2]), 5, false]
  expect(key(types, cells)?.toString()).toBe('["a\\"",null,"AQI=",5,false]')
  expect(key([], [])?.toString()).toBe('[]')
})

const cells: readonly (readonly [DataType, fc.Arbitrary<CellValue>])[] = [
  [t.string(), fc.string({ unit: 'binary' })],
  [t.bytes(), fc.uint8Array()],
  [t.int32(), fc.integer()],
  [t.int64(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [t.int64({ as: 'number' }), fc.maxSafeInteger()],
  [t.timestamp(), fc.integer({ min: -8.64e15, max: 8.64e15 })],
]

test.each(cells)('keys of one column of %s are made at once as each by itself', (type, cell) => {
  const serde = naturalKeySerde(type)
  fc.assert(
    fc.property(fc.array(fc.option(cell)), given => {
      const column = columnOf(type.nullable(), given)
      for (const encoder of [defaultKeySerde([type.nullable()]), serdeKey(serde)]) {
        const keys = encoder.keysOf?.(column) as StringColumn | BytesColumn
        for (let i = 0; i < given.length; i++) {
          const { data, start, size } = keys
          const from = start[i] as number
          const held = keys.isNull(i) ? null : data.slice(from, from + (size[i] as number))
          const out = new ByteWriter()
          const isKey = encoder.encodeKey([column.get(i)], out)
          expect(held && Buffer.from(held)).toEqual(isKey ? out.copy() : null)
        }
      }
    }),
  )
})

test('keys in another form are made one by one', () => {
  const text = columnOf(t.string(), ['a'])
  const inexact = new Int64Column(t.int64({ as: 'number' }), BigInt64Array.of(2n ** 53n), null)
  expect(serdeKey(long()).keysOf?.(inexact)).toBe(null)
  const upper = { ...string(), encodeCell: (_: CellValue, out: ByteWriter) => out.text('A') }
  expect(serdeKey(upper).keysOf?.(text)).toBe(null)
  expect(serdeKey(bytes()).keysOf?.(text)).toBe(null)
  expect(defaultKeySerde([t.decimal(9, 2)]).keysOf?.(columnOf(t.decimal(9, 2), ['1.00']))).toBe(
    null,
  )
  expect(defaultKeySerde([t.string(), t.string()]).keysOf?.(text) ?? null).toBe(null)
})

test('what a key cannot hold is refused', () => {
  expect(() => key([t.float64(), t.string()], [Number.NaN, 'a'])).toThrow('JSON has no NaN')
})

test('a single key has a serde, but for booleans and json', () => {
  expect(naturalKeySerde(t.string().nullable()).name).toBe('string')
  expect(naturalKeySerde(t.timestamp()).name).toBe('long')
  for (const type of [t.boolean(), t.json()]) {
    expect(() => naturalKeySerde(type)).toThrow(`TYPE_MISMATCH: a key of type ${type} has no`)
  }
})
