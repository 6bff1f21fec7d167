import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { Schema } from '../schema/schema.ts'
import { Batch } from './batch.ts'
import type { BytesColumn, CellValue, JsonColumn } from './column.ts'
import { columnOf } from './column-builder.ts'
import { type Row, rowsOf, setOwn } from './row.ts'

/** A batch of one record; `rest` makes it open. */
function batchOf(cells: readonly (readonly [string, CellValue])[], rest?: CellValue): Batch {
  return new Batch({
    schema: new Schema(
      cells.map(([name]) => ({ name, type: t.json() })),
      rest !== undefined,
    ),
    columns: cells.map(([, cell]) => columnOf(t.json(), [cell])),
    rest: rest === undefined ? null : (columnOf(t.json(), [rest]) as JsonColumn),
    records: {
      topic: 'a',
      partition: 0,
      keys: columnOf(t.bytes(), [null]) as BytesColumn,
      timestamps: new Float64Array(1),
      offsets: new Float64Array(1),
      watermarks: new Float64Array(1),
      headers: null,
      tombstones: null,
    },
    selection: null,
  })
}

describe('a row', () => {
  test('has the columns of the schema in its order', () => {
    const row = rowsOf(
      batchOf([
        ['b', 1],
        ['a', null],
        ['c', 'x'],
      ]),
    )(0)
    expect(Object.entries(row)).toEqual([
      ['b', 1],
      ['a', null],
      ['c', 'x'],
    ])
  })

  test('belongs to the caller', () => {
    const rows = rowsOf(batchOf([['a', 1]], { a: 0, b: 2 }))
    const first = rows(0)
    first['a'] = 'changed'
    first['b'] = 'changed'
    expect(rows(0)).toEqual({ a: 1, b: 2 })
  })

  test('has any text as column name', () => {
    const names = ['__proto__', 'constructor', 'then', 'toString', '', 'a"b', 'a\u2028b']
    const row = rowsOf(batchOf(names.map(name => [name, name])))(0)
    expect(Object.keys(row)).toEqual(names)
    expect(Object.values(row)).toEqual(names)
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(JSON.parse(JSON.stringify(row))).toEqual(row)
  })
})

describe('a row of an open batch', () => {
  test('has the undeclared columns first, and declared ones as they are declared', () => {
    const row = rowsOf(
      batchOf(
        [
          ['a', 1],
          ['n', null],
        ],
        { z: 1, a: 'raw', y: 2 },
      ),
    )(0)
    expect(Object.entries(row)).toEqual([
      ['z', 1],
      ['a', 1],
      ['y', 2],
      ['n', null],
    ])
  })

  test('keeps an own __proto__ of the value an own column', () => {
    const row = rowsOf(batchOf([], JSON.parse('{"__proto__":{"admin":true},"a":1}')))(0)
    expect(Object.keys(row)).toEqual(['__proto__', 'a'])
    expect((row as { admin?: unknown }).admin).toBe(undefined)
  })

  test('of a tombstone has the declared columns alone', () => {
    expect(rowsOf(batchOf([['a', null]], null))(0)).toEqual({ a: null })
  })

  test('is the value itself when nothing is declared', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
        expect(rowsOf(batchOf([], value))(0)).toEqual(value)
      }),
    )
  })
})

test('setOwn sets a property of any name, again and again', () => {
  const row: Row = {}
  for (const name of ['__proto__', 'a']) {
    setOwn(row, name, { x: 1 })
    setOwn(row, name, 2)
  }
  expect(Object.entries(row)).toEqual([
    ['__proto__', 2],
    ['a', 2],
  ])
})
