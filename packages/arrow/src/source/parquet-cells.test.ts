import { type DataType, t } from '@millrace/core'
import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet'
import { expect, test } from 'vitest'
import { annotationOf, cellOf, PARSERS, plainMetadata } from './parquet-cells.ts'

const node = (element: Partial<SchemaElement>, ...children: SchemaTree[]): SchemaTree => ({
  children,
  count: 1,
  element: { name: 'x', repetition_type: 'OPTIONAL', ...element },
  path: ['x'],
})
const ofType = (tree: SchemaTree, found: DataType, wanted = found) => cellOf(tree, found, wanted)
const decimal = (scale: number): SchemaTree => node({ converted_type: 'DECIMAL', scale })
const TEXT = t.string().nullable()
const JSON_ = t.json().nullable()

test('decimals have all their digits, whatever they are stored as', () => {
  const cell = ofType(decimal(2), TEXT)
  expect([5, -1n, 10n ** 30n, null].map(value => cell?.(value))).toEqual([
    '0.05',
    '-0.01',
    `${10n ** 28n}.00`,
    null,
  ])
  expect(cell?.(Uint8Array.of(0xff, 0x7f))).toBe('-1.29')
  expect(cell?.(Uint8Array.of())).toBe('0.00')
  expect(ofType(decimal(2), TEXT, t.float64().nullable())?.(-129)).toBe(-1.29)
})

test('plain values are cells as they are, and wider where that is asked for', () => {
  const whole = node({ type: 'INT64' })
  expect(ofType(whole, t.int64())).toBe(null)
  expect(ofType(whole, t.int64(), t.float64())?.(2n ** 60n)).toBe(2 ** 60)
  expect(ofType(node({ converted_type: 'UTF8' }), TEXT, JSON_)?.('[1]')).toEqual([1])
  const words = node({ converted_type: 'UINT_32' })
  expect(ofType(words, t.int64())).toBe(null)
  expect(ofType(node({ converted_type: 'LIST' }, node({}, words)), JSON_)?.([7, null])).toEqual([
    7n,
    null,
  ])
})

test('what is within lists and structs is converted too', () => {
  const struct = node({}, { ...decimal(1), element: { ...decimal(1).element, name: 'd' } })
  expect(ofType(struct, JSON_)?.({ d: 15 })).toEqual({ d: '1.5' })
  const list = node({ converted_type: 'LIST' }, node({ repetition_type: 'REPEATED' }, struct))
  expect(ofType(list, JSON_)?.([{ d: 15 }, null])).toEqual([{ d: '1.5' }, null])
  // A list of two levels, as old writers make it.
  const old = node({ converted_type: 'LIST' }, { ...decimal(1) })
  expect(ofType(old, JSON_)?.([15])).toEqual(['1.5'])
  expect(ofType(node({}, node({ type: 'INT32' })), JSON_)).toBe(null)
})

test('maps are objects where keys are text, else lists of entries', () => {
  const map = (annotation: Partial<SchemaElement>): SchemaTree =>
    node(
      { converted_type: 'MAP' },
      node(
        { name: 'entries', repetition_type: 'REPEATED' },
        node({ name: 'key', ...annotation }),
        node({ name: 'value', type: 'INT32' }),
      ),
    )
  const stored = (...entries: object[]): object => ({ entries })
  const texts = ofType(map({ converted_type: 'UTF8' }), JSON_)
  const found = texts?.(stored({ key: '__proto__', value: 1 }, { key: 'b' }))
  expect(Object.entries(found as object)).toEqual([
    ['__proto__', 1],
    ['b', null],
  ])
  const numbers = ofType(map({ type: 'INT64' }), JSON_)
  expect(numbers?.(stored({ key: 1n, value: 2 }))).toEqual([{ key: 1n, value: 2 }])
  expect(numbers?.(null)).toBe(null)
})

test('intervals are objects of their parts, nulls are null', () => {
  const bytes = Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0)
  const cell = ofType(node({ converted_type: 'INTERVAL' }), JSON_)
  expect(cell?.(bytes)).toEqual({ months: 1, days: 2, milliseconds: 3 })
  expect(ofType(node({ logical_type: { type: 'NULL' } }), JSON_)?.(0)).toBe(null)
})

test('JSON keeps whole numbers of any size', () => {
  const bytes = Buffer.from('[12345678901234567890]')
  expect(PARSERS.jsonFromBytes?.(bytes)).toEqual([12345678901234567890n])
  expect(() => PARSERS.jsonFromBytes?.(Buffer.from('{'))).toThrow('JSON')
})

test('the library is told only of what it gives as cells', () => {
  const elements: SchemaElement[] = [
    { name: 'a', converted_type: 'DECIMAL', scale: 2, type: 'INT32' },
    { name: 'b', logical_type: { type: 'LIST' } },
    { name: 'c', converted_type: 'UTF8' },
  ]
  const { schema } = plainMetadata({ schema: elements } as FileMetaData)
  expect(schema.map(annotationOf)).toEqual([undefined, 'LIST', 'UTF8'])
  expect(schema[1]?.converted_type).toBe('LIST')
})
