import { schema, t } from '@millrace/core'
import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { parseConditional } from './conditional-options.ts'
import { ConditionalRows } from './conditional-row.ts'
import { parseCqlType } from './cql-type.ts'
import type { LiveTable } from './live-table.ts'
import { writeStatement } from './statement.ts'
import { planTable } from './table-plan.ts'

const UPPER = 'ABCDEF00-0000-4000-8000-000000000001'
const Row = schema({
  id: t.string(),
  n: t.int32().nullable(),
  day: t.timestamp(),
  ratio: t.float64(),
  tags: t.json(),
})
const FIELDS = ['applied', 'id', 'n']

function rows(options: object = {}) {
  const kinds = { id: 'uuid', n: 'smallint', day: 'date', ratio: 'float', tags: 'set<text>' }
  const table: LiveTable = {
    columns: Object.entries(kinds).map(([name, type]) => ({
      name,
      type: parseCqlType(type),
      kind: name === 'id' ? 'partition_key' : 'regular',
    })),
    partitionKey: ['id'],
    clustering: [],
    isCounter: false,
  }
  const given = { schema: Row, condition: 'not exists', ...options }
  const settings = parseConditional(given as never)
  const frame = { schema: Row, key: null, computed: new Map() }
  const { plan, problems } = planTable(table, settings.table, frame)
  expect(problems).toEqual([])
  const statement = writeStatement({ keyspace: 'ks', table: 't' }, plan, settings.table)
  return new ConditionalRows(settings, statement, plan)
}

const cells = [UPPER, 7, Date.UTC(2025, 5, 15, 13), 0.1, ['a']]
/** As the driver gives it back. */
const there: Record<string, unknown> = {
  id: types.Uuid.fromString(UPPER.toLowerCase()),
  n: 7,
  day: types.LocalDate.fromString('2025-06-15'),
  ratio: Math.fround(0.1),
  tags: ['other'],
}

test('a row is its own when the table holds what was bound, in whatever form; collections aside', () => {
  const all = rows()
  const row = all.bind(cells)
  expect(all.isOwn(row, column => there[column])).toBe(true)
  for (const [column, value] of [
    ['n', 8],
    ['n', null],
    ['day', types.LocalDate.fromString('2025-06-16')],
    ['ratio', Math.fround(0.2)],
  ] as const) {
    expect(all.isOwn(row, name => (name === column ? value : there[name]))).toBe(false)
  }
  const without = all.bind([UPPER, null, ...cells.slice(2)])
  expect(all.isOwn(without, column => there[column])).toBe(false)
  expect(all.isOwn(without, column => (column === 'n' ? null : there[column]))).toBe(true)
})

test('gives what was written, or what is there, or nothing', () => {
  const all = rows()
  expect(all.written(cells, FIELDS)).toEqual([true, UPPER, 7])
  expect(all.found(FIELDS, column => there[column])).toEqual([false, UPPER.toLowerCase(), 7])
  expect(all.found(FIELDS, null)).toEqual([false, null, null])
  expect(() => all.written(['x', 'seven'], ['n'])).toThrow('n takes')
})

test('binds nulls as it is told, and refuses what does not fit', () => {
  const nothing = [UPPER, null, ...cells.slice(2)]
  expect(rows().bind(nothing).params[1]).toBe(types.unset)
  expect(rows({ nulls: 'null' }).bind(nothing).params[1]).toBe(null)
  expect(() => rows({ nulls: 'refuse' }).bind(nothing)).toThrow("nulls: 'refuse'")
  expect(() => rows().bind([null, ...cells.slice(1)])).toThrow('id is part of the primary key')
  expect(() => rows().bind(['no', ...cells.slice(1)])).toThrow('id (uuid) takes a UUID; got "no"')
  expect(() => rows().bind([UPPER, 70_000, ...cells.slice(2)])).toThrow('OVERFLOW')
  expect(rows({ ttl: '1h' }).bind(cells).params.at(-1)).toEqual(Buffer.from([0, 0, 14, 16]))
  expect(rows().bind(cells).key).toBe(rows().bind([UPPER.toLowerCase(), 9, ...cells.slice(2)]).key)
})
