/** Where avsc 5.7.9 is not right: each entry of the guide's list is shown here, beside ours. */
import { expect, test } from 'vitest'
import { avscType } from '../../test/oracles/avsc-oracle.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { Cursor } from './cursor.ts'
import { resolve } from './resolution.ts'
import { ValueFault } from './value-fault.ts'
import { EXACT_FORM } from './value-form.ts'
import { ValueReaders } from './value-reader.ts'

const REFUSED = Symbol('refused')

function ours(record: Buffer, writer: unknown, reader: unknown = writer): unknown {
  const cursor = new Cursor()
  cursor.open(record, 0, record.length)
  try {
    const readers = new ValueReaders(EXACT_FORM)
    return readers.of(resolve(parseSchema(writer), parseSchema(reader))).read(cursor)
  } catch (error) {
    if (error instanceof ValueFault) return REFUSED
    throw error
  }
}

function avscReads(record: Buffer, writer: unknown, reader: unknown = writer): unknown {
  const type = avscType(reader)
  return type.fromBuffer(record, type.createResolver(avscType(writer)))
}

const record = (type: unknown, name = 'shop.R') => ({
  type: 'record',
  name,
  fields: [{ name: 'f', type }],
})

test('a schema pair is refused for what a record does not hold', () => {
  const state = (...symbols: string[]) => ({ type: 'enum', name: 'State', symbols })
  const pairs = [
    [['null', 'string'], 'string', Buffer.from([2, 2, 0x61]), 'a'],
    [['int', record('int')], record('int'), Buffer.from([2, 6]), { f: 3 }],
    [state('A', 'B'), state('A'), Buffer.from([0]), 'A'],
  ] as const
  for (const [writer, reader, bytes, value] of pairs) {
    expect(ours(bytes, writer, reader)).toEqual(value)
    expect(() => avscReads(bytes, writer, reader)).toThrow()
  }
})

test('a record, enum or fixed of another namespace does not match', () => {
  const bytes = Buffer.from([6])
  expect(ours(bytes, record('int'), record('int', 'store.R'))).toEqual({ f: 3 })
  expect(() => avscReads(bytes, record('int'), record('int', 'store.R'))).toThrow('no alias found')
})

test('a long that becomes a float is not rounded to one', () => {
  const bytes = avscType('long').toBuffer(2n ** 24n + 1n)
  expect(ours(bytes, 'long', 'float')).toBe(2 ** 24)
  expect(avscReads(bytes, 'long', 'float')).toBe(2 ** 24 + 1)
})

test('a long beyond 2^53 that becomes a float or double may lose its sign', () => {
  const bytes = avscType('long').toBuffer(-(2n ** 53n) - 1n)
  expect(ours(bytes, 'long', 'double')).toBe(-(2 ** 53))
  expect(avscReads(bytes, 'long', 'double')).toBe(2 ** 53)
})

test('a value becomes a branch that it can be promoted to before the branch of its own type', () => {
  const bytes = avscType('int').toBuffer(3)
  expect(ours(bytes, 'int', ['double', 'int'])).toEqual({ int: 3 })
  expect(avscReads(bytes, 'int', ['double', 'int'])).toEqual({ double: 3 })
})

test('text that is no UTF-8 is repaired', () => {
  const bytes = Buffer.from([2, 0xff])
  expect(ours(bytes, 'string')).toBe(REFUSED)
  expect(avscReads(bytes, 'string')).toBe('\ufffd')
})

test('a boolean is any byte', () => {
  const bytes = Buffer.from([2])
  expect(ours(bytes, 'boolean')).toBe(REFUSED)
  expect(avscReads(bytes, 'boolean')).toBe(true)
})

test('an int is as long as a long', () => {
  const bytes = avscType('long').toBuffer(2n ** 40n)
  expect(ours(bytes, 'int')).toBe(REFUSED)
  expect(avscReads(bytes, 'int')).toBe(2 ** 40)
})

test('an array of nulls is as large as its few bytes say', () => {
  const count = 2_000_000
  const bytes = Buffer.concat([avscType('int').toBuffer(count), Buffer.from([0])])
  expect(ours(bytes, { type: 'array', items: 'null' })).toBe(REFUSED)
  expect(avscReads(bytes, { type: 'array', items: 'null' })).toHaveLength(count)
})

test('a map key may set the prototype', () => {
  const type = { type: 'map', values: record('int') }
  const key = Buffer.from('__proto__')
  const bytes = Buffer.concat([Buffer.from([2, key.length * 2]), key, Buffer.from([6, 0])])
  expect(Object.keys(ours(bytes, type) as object)).toEqual(['__proto__'])
  expect(Object.keys(avscReads(bytes, type) as object)).toEqual([])
})
