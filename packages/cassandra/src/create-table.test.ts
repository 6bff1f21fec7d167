import { type Schema, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { addColumnsCql, createKeyspaceCql, createTableCql } from './create-table.ts'
import { parseTableOptions } from './table-options.ts'

const NAME = { keyspace: 'ks', table: 'Daily "T"' }
const Row = schema({ id: t.string(), at: t.timestamp(), n: t.int64(), gone: t.boolean() })

const frameOf = (of: Schema, computed: [string, string[]][] = []) => ({
  schema: of,
  computed: new Map(computed),
})

test('makes a table of the frame, with every name as it is', () => {
  const settings = parseTableOptions({
    key: ['id', 'at'],
    columns: { Count: 'n' },
    deleteWhere: 'gone',
  })
  expect(createTableCql(NAME, frameOf(Row), settings)).toEqual({
    cql:
      'CREATE TABLE IF NOT EXISTS "ks"."Daily ""T""" ("id" text, "at" timestamp, "Count" bigint, ' +
      'PRIMARY KEY ("id", "at"))',
  })
})

test('makes columns of what is computed, and a key of them', () => {
  const settings = parseTableOptions({
    key: ['id', 'day'],
    columns: { day: () => 0, n: () => 1 },
    skip: ['at', 'gone'],
  })
  const Computed = schema({
    ...{ id: t.string(), at: t.timestamp(), n: t.int64(), gone: t.boolean() },
    ...{ 'columns.day': t.string(), 'columns.n': t.float64(), 'other.columns.x': t.string() },
  })
  const frame = frameOf(Computed, [
    ['columns.day', ['at']],
    ['columns.n', ['n']],
    ['other.columns.x', []],
  ])
  expect(createTableCql(NAME, frame, settings)).toEqual({
    cql:
      'CREATE TABLE IF NOT EXISTS "ks"."Daily ""T""" ("id" text, "day" text, "n" double, ' +
      'PRIMARY KEY ("id", "day"))',
  })
})

test('says why it cannot', () => {
  expect(createTableCql(NAME, frameOf(Row), parseTableOptions({}))).toEqual({
    problem: expect.stringContaining('say key:'),
  })
  const Json = schema({ id: t.string(), what: t.json() })
  expect(createTableCql(NAME, frameOf(Json), parseTableOptions({ key: ['id'] }))).toEqual({
    problem: expect.stringContaining('column what is json'),
  })
})

test('adds columns, and keeps text within its quotes', () => {
  expect(addColumnsCql(NAME, [{ name: 'a"b', type: t.bytes() }])).toEqual([
    'ALTER TABLE "ks"."Daily ""T""" ADD IF NOT EXISTS "a""b" blob',
  ])
  expect(addColumnsCql(NAME, [{ name: 'j', type: t.json() }])).toBe(null)
  expect(createKeyspaceCql(NAME, { class: "Simple'Strategy", replication_factor: 1 })).toBe(
    `CREATE KEYSPACE IF NOT EXISTS "ks" WITH replication = {'class': 'Simple''Strategy', 'replication_factor': 1}`,
  )
})
