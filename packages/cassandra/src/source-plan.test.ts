import { MillraceError, schema, t } from '@millrace/core'
import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { parseCqlType } from './cql-type.ts'
import type { LiveTable, TableColumn } from './live-table.ts'
import { parseSourceOptions, type TableSourceOptions } from './source-options.ts'
import { planSource, rangeCql, readSchema, rowReader } from './source-plan.ts'

const NAME = { keyspace: 'shop', table: 'Orders' }

function tableOf(
  ...columns: [name: string, type: string, kind?: TableColumn['kind']][]
): LiveTable {
  const named = (wanted: string) =>
    columns.filter(([, , kind]) => kind === wanted).map(([name]) => name)
  return {
    columns: columns.map(([name, type, kind = 'regular']) => ({
      name,
      type: parseCqlType(type),
      kind,
    })),
    partitionKey: named('partition_key'),
    clustering: named('clustering'),
    isCounter: false,
  }
}

const ORDERS = tableOf(
  ['user', 'text', 'partition_key'],
  ['Day', 'date', 'partition_key'],
  ['at', 'timestamp', 'clustering'],
  ['amount', 'decimal'],
  ['n', 'tinyint'],
  ['tags', 'set<text>'],
)

const planned = (options: TableSourceOptions, table = ORDERS) => {
  const settings = parseSourceOptions(options as never)
  return { settings, plan: planSource(NAME, table, settings) }
}

test('a table without a schema is read as its types are', () => {
  const { plan } = planned({})
  expect(String(plan.schema)).toBe(
    String(
      schema({
        user: t.string(),
        Day: t.string(),
        at: t.timestamp(),
        amount: t.string().nullable(),
        n: t.int32().nullable(),
        tags: t.json().nullable(),
      }),
    ),
  )
})

test('clustering columns may be null where a partition may have static columns alone', () => {
  const table = tableOf(
    ['a', 'int', 'partition_key'],
    ['b', 'int', 'clustering'],
    ['s', 'int', 'static'],
  )
  const { schema: read } = planned({}, table).plan
  expect(read.names.map(name => read.typeOf(name).isNullable)).toEqual([false, true, true])
})

test('only what is looked at is asked for, and what time and key are made of', () => {
  const { plan, settings } = planned({ timestamp: 'at' })
  const context = { clock: {} as never, read: ['tags'] }
  const read = readSchema(plan, settings, context)
  expect(rangeCql(NAME, plan, read)).toBe(
    'SELECT token("user", "Day"), "at", toJson("tags") FROM "shop"."Orders" ' +
      'WHERE token("user", "Day") > ? AND token("user", "Day") <= ?',
  )
  expect(readSchema(plan, settings, undefined)).toBe(plan.schema)
})

test('everything that does not fit is told in one error', () => {
  const options = {
    schema: schema({ user: t.int32(), when: t.timestamp(), gone: t.string(), n: t.int64() }),
    columns: { when: 'at' },
  }
  expect(() => planned(options)).toThrow(
    'table shop."Orders" cannot be read like that:\n' +
      '  - column "user" of the frame is int32, and user of the table is text; int32 fits',
  )
  expect(() => planned(options)).toThrow(/\n {2}- the table has no column gone/)
  const odd = tableOf(['a', 'int', 'partition_key'], ['b', "'org.custom.Type'"])
  expect(() => planned({}, odd)).toThrow(/b is .*, which cannot be read: give a schema without it/)
})

test('a value that a column cannot hold is an error of its record, with its place', () => {
  const Read = schema({ n: t.int32() })
  const found = {
    values: () => [types.Long.fromString('-5'), types.Long.fromString('9007199254740993')],
  }
  const row = rowReader(NAME, Read)(found as unknown as types.Row)
  expect(row.token).toBe(-5n)
  expect(row.text()).toBe('{"n":"9007199254740993"}')
  let error: unknown
  try {
    row.row()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(MillraceError)
  expect(error).toMatchObject({ code: 'DECODE_FAILED', place: { field: 'n' } })
})
