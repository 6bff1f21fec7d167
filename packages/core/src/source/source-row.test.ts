import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, Schema, schema } from '../schema/schema.ts'
import { RowFault, recordsOf } from './source-row.ts'

const Event = schema({ id: t.string(), at: t.timestamp({ unit: 's' }), n: t.int64().nullable() })
const NOW = Date.UTC(2026, 7, 1, 10)

function fault(record: unknown): string {
  expect(record).toBeInstanceOf(RowFault)
  return (record as RowFault).error('row 3').message
}

test('a row becomes cells of the schema, and only those', () => {
  const recordOf = recordsOf(Event, 'data', {})
  expect(recordOf({ n: 5, id: 'a', at: NOW / 1e3, more: true })).toEqual({
    value: { id: 'a', at: NOW, n: 5n },
  })
  expect(recordOf({ id: 'a', at: new Date(NOW) })).toEqual({
    value: { id: 'a', at: NOW, n: null },
  })
})

test('what does not fit says where, what and what to do', () => {
  const recordOf = recordsOf(Event, 'data', {})
  expect(fault(recordOf({ id: 5 }))).toBe(
    'DECODE_FAILED: row 3: expected text, got 5. Correct the data or declare the column ' +
      'otherwise. (at column "id")',
  )
  expect(fault(recordOf({ at: 0 }))).toContain('expected string, not null, got nothing')
  expect(fault(recordOf(null))).toContain('row 3: expected an object, got null')
  expect(fault(recordOf([]))).toContain('got an array of 0')
})

test('names of Object.prototype are ordinary columns', () => {
  const Odd = schema({ constructor: t.string().nullable(), ['__proto__']: t.string().nullable() })
  const recordOf = recordsOf(Odd, 'data', {})
  expect(recordOf({})).toEqual({ value: { constructor: null, ['__proto__']: null } })
  expect(recordOf(JSON.parse('{"__proto__":"x"}'))).toEqual({
    value: { constructor: null, ['__proto__']: 'x' },
  })
})

test('open rows are taken as they are, with declared columns checked', () => {
  const row = { anything: [1], id: 'x' }
  expect(recordsOf(OPEN_SCHEMA, 'data', {})(row)).toEqual({ value: row })
  const half = new Schema([{ name: 'id', type: t.int64() }], true)
  expect(recordsOf(half, 'data', {})({ id: 1, more: 2 })).toEqual({ value: { id: 1n, more: 2 } })
})

describe('event time', () => {
  test('comes from a declared column in its unit', () => {
    const recordOf = recordsOf(Event, 'json', { timestamp: 'at' })
    expect(recordOf({ id: 'a', at: NOW / 1e3 })).toMatchObject({ timestamp: NOW })
    const loose = schema({ at: t.timestamp().nullable() })
    expect(fault(recordsOf(loose, 'json', { timestamp: 'at' })({}))).toContain(
      'timestamp, not null',
    )
  })

  test('comes from a column of open rows', () => {
    const recordOf = recordsOf(OPEN_SCHEMA, 'data', { timestamp: 'at' })
    expect(recordOf({ at: new Date(NOW) })).toMatchObject({ timestamp: NOW })
    expect(recordOf({ at: '2026-08-01T10:00:00Z' })).toMatchObject({ timestamp: NOW })
    expect(fault(recordOf({ at: NOW / 1e3 }))).toContain("t.timestamp({ unit: 's' })")
    expect(fault(recordOf({}))).toContain('(at column "at")')
  })

  test('comes from a function of the checked row', () => {
    const recordOf = recordsOf(Event, 'data', { timestamp: row => row.at + 1 })
    expect(recordOf({ id: 'a', at: NOW / 1e3 })).toMatchObject({ timestamp: NOW + 1 })
    const throwing = recordsOf(Event, 'data', {
      timestamp: () => {
        throw new Error('no clock')
      },
    })
    expect(fault(throwing({ id: 'a', at: 0 }))).toContain('got Error: no clock')
  })

  test('must be a timestamp column that is there', () => {
    expect(() => recordsOf(Event, 'data', { timestamp: 'n' })).toThrow(
      'TYPE_MISMATCH: the timestamp of a source must be a timestamp column; "n" is int64?.',
    )
    expect(() => recordsOf(Event, 'data', { timestamp: 'ta' })).toThrow('Did you mean "at"?')
  })
})

describe('key', () => {
  test('is the natural form of the column', () => {
    const keyOf = (key: string, row: object) => {
      const record = recordsOf(Event, 'data', { key })(row)
      return record instanceof RowFault ? record : record.key
    }
    expect(keyOf('id', { id: 'ü', at: 0 })).toEqual(Buffer.from('ü'))
    expect(keyOf('n', { id: 'a', at: 0, n: 1 })).toEqual(Buffer.from('0000000000000001', 'hex'))
    expect(keyOf('n', { id: 'a', at: 0 })).toBe(null)
    expect(() => recordsOf(Event, 'data', { key: 'user' })).toThrow('UNKNOWN_COLUMN')
  })

  test('of open rows is text as UTF-8, bytes as they are, else JSON', () => {
    const recordOf = recordsOf(OPEN_SCHEMA, 'data', { key: 'k' })
    const keys = ['x', Buffer.from([1]), 5, { a: 1 }].map(k => recordOf({ k }))
    expect(keys).toMatchObject([
      { key: Buffer.from('x') },
      { key: Buffer.from([1]) },
      { key: Buffer.from('5') },
      { key: Buffer.from('{"a":1}') },
    ])
    expect(recordOf({})).toEqual({ value: {}, key: null })
  })
})
