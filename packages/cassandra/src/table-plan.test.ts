import { json, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseCqlType } from './cql-type.ts'
import type { LiveTable, TableColumn } from './live-table.ts'
import { deleteStatement, firstOf, writeStatement } from './statement.ts'
import { parseTableOptions, type TableOptions } from './table-options.ts'
import { planTable } from './table-plan.ts'

type Options = TableOptions<Record<string, unknown>>
const NAME = { keyspace: 'ks', table: 'T' }

function table(key: Record<string, string>, others: Record<string, string>): LiveTable {
  const udts = (name: string) => (name === 'address' ? [{ name: 'city', type: 'text' }] : undefined)
  const columns: TableColumn[] = [
    ...Object.entries(key).map(([name, type], i) => ({
      name,
      type: parseCqlType(type, udts),
      kind: i === 0 ? ('partition_key' as const) : ('clustering' as const),
    })),
    ...Object.entries(others).map(([name, type]) => ({
      name,
      type: parseCqlType(type, udts),
      kind: 'regular' as const,
    })),
  ]
  const [first, ...rest] = Object.keys(key)
  const isCounter = columns.some(({ type }) => type.kind === 'counter')
  return { columns, partitionKey: [first as string], clustering: rest, isCounter }
}

const plan = (
  live: LiveTable,
  from: ReturnType<typeof schema>,
  options: Options = {},
  computed: Readonly<Record<string, string[]>> = {},
) =>
  planTable(live, parseTableOptions(options), {
    schema: from,
    key: null,
    computed: new Map(Object.entries(computed)),
  })

/** What is wrong with the table alone. */
function told(...args: Parameters<typeof plan>) {
  const { problems, missing } = plan(...args)
  return { problems: [...problems, ...missing.map(({ text }) => text)] }
}

const Row = schema({
  userId: t.string(),
  at: t.timestamp(),
  n: t.int64(),
  note: t.string().nullable(),
})
const live = table({ userid: 'text', at: 'timestamp' }, { n: 'bigint', note: 'text' })

test('goes by name, exact or in lower case', () => {
  const { plan: made, problems } = plan(live, Row)
  expect(problems).toEqual([])
  expect(made.bound.map(({ column, from }) => [column, from])).toEqual([
    ['userid', 'userId'],
    ['at', 'at'],
    ['n', 'n'],
    ['note', 'note'],
  ])
  const settings = parseTableOptions({ ttl: '1h' })
  expect(writeStatement(NAME, made, settings).cql).toBe(
    'INSERT INTO "ks"."T" ("userid", "at", "n", "note") VALUES (?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?',
  )
  expect(deleteStatement(NAME, made, settings).cql).toBe(
    'DELETE FROM "ks"."T" USING TIMESTAMP ? WHERE "userid" = ? AND "at" = ?',
  )
})

test('tells everything that does not fit at once, with what would', () => {
  const Other = schema({ user_id: t.string(), at: t.string(), n: t.float64(), nte: t.string() })
  const { problems } = told(live, Other, { columns: { count: 'n', n: 'm' } })
  expect(problems).toEqual([
    'the table has no column count.',
    'the frame has no column "m". Did you mean "n"?',
    'no column of the frame is written to userid (text), part of the primary key. Did you mean "user_id"?',
    'the table has no column for column "user_id" (string) of the frame. Did you mean "userid"? Add it: user_id text; or say skip: ["user_id"]',
    'the table has no column for column "nte" (string) of the frame. Did you mean "note"? Add it: nte text; or say skip: ["nte"]',
  ])
  expect(plan(live, schema({ userid: t.string(), at: t.boolean() })).problems).toEqual([
    'column "at" of the frame is boolean, and at of the table is timestamp; boolean fits boolean',
    'no column of the frame is written to at (timestamp), part of the primary key. Did you mean "at"?',
  ])
})

test('holds the key that the user said against the table', () => {
  expect(plan(live, Row, { key: ['at', 'userId'] }).problems).toEqual([
    'key says (at, userId), the primary key of the table is (userId, at)',
  ])
})

test('binds what is computed; what it is made of needs no column, and keeps the one it has', () => {
  const Computed = schema({
    ...{ first: t.string(), last: t.string(), n: t.int64(), at: t.timestamp() },
    ...{ 'columns.userid': t.string(), 'columns.n': t.int64(), 'other.columns.x': t.string() },
  })
  const options: Options = { columns: { userid: () => '', n: () => 0n }, key: ['userid', 'at'] }
  const computed = {
    'columns.userid': ['first', 'last', 'at'],
    'columns.n': ['n'],
    'other.columns.x': ['n'],
  }
  const { plan: made, problems } = plan(live, Computed, options, computed)
  expect(problems).toEqual([])
  expect(made.bound.map(({ column, from }) => [column, from])).toEqual([
    ['userid', 'columns.userid'],
    ['n', 'columns.n'],
    ['at', 'at'],
  ])
  expect(plan(live, Computed, { ...options, key: ['at', 'userid'] }, computed).problems).toEqual([
    'key says (at, userid), the primary key of the table is (columns.userid, at)',
  ])
  const apart = { ...computed, 'columns.n': [], 'columns.userid': ['first'] }
  expect(told(live, Computed, options, apart).problems).toEqual([
    'column n of the table would be written twice',
    'the table has no column for column "last" (string) of the frame. Did you mean "at"? Add it: last text; or say skip: ["last"]',
  ])
  const Wrong = schema({ userId: t.string(), at: t.timestamp(), 'columns.n': t.boolean() })
  expect(plan(live, Wrong, { columns: { n: () => true } }, { 'columns.n': [] }).problems).toEqual([
    'column "columns.n" of the frame is boolean, and n of the table is bigint; boolean fits boolean',
  ])
})

test('changes collections, and single fields, by updates', () => {
  const collections = table(
    { id: 'text' },
    { tags: 'set<text>', seen: 'map<text, int>', home: 'address' },
  )
  const From = schema({ id: t.string(), tag: t.json(), gone: t.json(), city: t.string() })
  const options: Options = {
    write: 'update',
    columns: { tags: { add: 'tag' }, seen: { remove: 'gone' }, 'home.city': 'city' },
  }
  const { plan: made, problems } = plan(collections, From, options)
  expect(problems).toEqual([])
  expect(writeStatement(NAME, made, parseTableOptions(options)).cql).toBe(
    'UPDATE "ks"."T" USING TIMESTAMP ? SET "tags" = "tags" + ?, "seen" = "seen" - ?, ' +
      '"home"."city" = ? WHERE "id" = ?',
  )
  expect(plan(collections, From, { ...options, write: 'insert' }).problems).toContain(
    "collections are changed, and fields set, by write: 'update'",
  )
})

test('adds to counters, without times', () => {
  const counters = table({ id: 'text' }, { n: 'counter' })
  const { plan: made, problems } = plan(counters, schema({ id: t.string(), n: t.int32() }))
  expect(problems).toEqual([])
  expect(writeStatement(NAME, made, parseTableOptions({})).cql).toBe(
    'UPDATE "ks"."T" SET "n" = "n" + ? WHERE "id" = ?',
  )
  const ttl = plan(counters, schema({ id: t.string(), n: t.int32() }), { ttl: 1_000 })
  expect(ttl.problems).toEqual(['a table of counters has no ttl'])
})

test('a fence lets a record change a row once', () => {
  const lists = table({ id: 'text' }, { tags: 'list<text>', applied: 'map<text, bigint>' })
  const From = schema({ id: t.string(), tag: t.json() })
  const options: Options = {
    write: 'update',
    tombstones: 'ignore',
    columns: { tags: { add: 'tag' } },
    fence: 'applied',
  }
  const { plan: made, problems } = plan(lists, From, options)
  expect(problems).toEqual([])
  const update = writeStatement(NAME, made, parseTableOptions(options))
  const set = 'UPDATE "ks"."T" SET "tags" = "tags" + ?, "applied"[?] = ? WHERE "id" = ?'
  expect(update.cql).toBe(`${set} IF "applied"[?] < ?`)
  expect(firstOf(update)).toBe(`${set} IF "applied"[?] = null`)
  expect(update.parameters.map(({ kind }) => kind).slice(-2)).toEqual(['input', 'place'])
  const wrong = plan(lists, From, { ...options, ...{ fence: 'tags', ttl: '1h', write: 'insert' } })
  expect(wrong.problems).toContain(
    'the fence tags is a column of type map<text, bigint> of the table',
  )
  expect(wrong.problems).toContain("a fence is for write: 'update'")
  expect(wrong.problems).toContain('a fence must stay, so there is no ttl')
  expect(plan(lists, From, { ...options, tombstones: 'delete' }).problems).toEqual([
    "a delete would take the fence away: no deleteWhere, and tombstones: 'ignore'",
  ])
})

test('takes of an open frame what the table has', () => {
  const { plan: made, problems } = plan(live, json().schema)
  expect(problems).toEqual([])
  expect(made.bound.length).toBe(4)
})

test('decimals go into decimals, lists and structs as JSON only', () => {
  const prices = table({ id: 'text' }, { price: 'decimal', tags: 'list<text>' })
  const Row = schema({ id: t.string(), price: t.decimal(9, 2), tags: t.json() })
  expect(plan(prices, Row).problems).toEqual([])
  const Typed = schema({ id: t.string(), price: t.decimal(9, 2), tags: t.list(t.string()) })
  expect(plan(prices, Typed).problems).toEqual([
    'column "tags" of the frame is list<string>, and tags of the table is list<text>; list fits ' +
      'none; convert it with .as(t.json())',
  ])
})
