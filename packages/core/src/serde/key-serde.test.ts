import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BytesColumn, CellValue, StringColumn } from '../batch/column.ts'
import { columnOf } from '../batch/column-builder.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { defaultKeySerde, naturalKeySerde, serdeKey } from './key-serde.ts'
import { bytes, string } from './scalars.ts'

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
]

test.each(cells)('keys of one column of %s are the bytes that it holds', (type, cell) => {
  const serde = type.kind === 'string' ? string() : bytes()
  fc.assert(
    fc.property(fc.array(fc.option(cell)), given => {
      const column = columnOf(type.nullable(), given)
      for (const encoder of [defaultKeySerde([type.nullable()]), serdeKey(serde)]) {
        const keys = encoder.keysIn?.(column) as StringColumn | BytesColumn
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

test('keys in another form are not what the column holds', () => {
  const text = columnOf(t.string(), ['a'])
  const upper = { ...string(), encodeCell: (_: CellValue, out: ByteWriter) => out.text('A') }
  expect(serdeKey(upper).keysIn?.(text)).toBe(null)
  expect(serdeKey(bytes()).keysIn?.(text)).toBe(null)
  expect(defaultKeySerde([t.decimal(9, 2)]).keysIn?.(columnOf(t.decimal(9, 2), ['1.00']))).toBe(
    null,
  )
  expect(defaultKeySerde([t.string(), t.string()]).keysIn?.(text) ?? null).toBe(null)
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
