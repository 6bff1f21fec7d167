/** Rows that are looked up in tables of a real server. */
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, schema, t } from '@millrace/core'
import { testLookup } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { testSession } from './session.ts'

const db = testSession()

let tables = 0

testLookup({ describe, test, expect }, async rows => {
  const table = `${db.ks}.exam${++tables}`
  await db.client.execute(`CREATE TABLE ${table} (id text PRIMARY KEY, n int, note text)`)
  const Row = schema({ id: t.string(), n: t.int32(), note: t.string().nullable() })
  const app = new Application({ id: 'exam' })
  app.dataframe(fromArray(rows, { schema: Row })).sink(cassandra(db.client).table(table))
  await app.run({ until: 'end' })
  return cassandra(db.client).lookup(table, { schema: Row, key: ['id'] })
})

const UUID = '00000000-0000-4000-8000-000000000001'

test('finds rows by a key of several columns, of every type', async () => {
  const table = `${db.ks}.things`
  await db.client.execute(
    `CREATE TABLE ${table} (id uuid, at timestamp, name text, n int, big bigint, x double, ` +
      'ok boolean, raw blob, day date, tags set<text>, seen map<text, int>, PRIMARY KEY (id, at))',
  )
  await db.client.execute(
    `INSERT INTO ${table} (id, at, name, n, big, x, ok, raw, day, tags, seen) VALUES ` +
      `(${UUID}, 1750000000000, 'Ann', 1, 9007199254740993, 1.5, true, 0x0102, '2025-06-15', ` +
      "{'b', 'a'}, {'x': 1})",
  )
  const Thing = schema({
    id: t.string(),
    at: t.timestamp(),
    name: t.string(),
    count: t.int32(),
    big: t.int64(),
    x: t.float64(),
    ok: t.boolean(),
    raw: t.bytes(),
    day: t.timestamp(),
    tags: t.json(),
    seen: t.json(),
  })
  const things = cassandra(db.client).lookup(table, {
    schema: Thing,
    key: ['id', 'at'],
    columns: { count: 'n' },
  })
  const From = schema({ thing: t.string().nullable(), when: t.timestamp() })
  const at = 1_750_000_000_000
  const rows = [
    { thing: UUID, when: at },
    { thing: UUID, when: at + 1 },
    { thing: 'no uuid', when: at },
    { thing: null, when: at },
  ]
  const app = new Application({ id: 'things' })
  const found = await app
    .dataframe(fromArray(rows, { schema: From }))
    .lookup(
      things,
      ['thing', 'when'],
      ['name', 'count', 'big', 'x', 'ok', 'raw', 'day', 'tags', 'seen'],
    )
    .collect()
  const nothing = Object.fromEntries(
    ['name', 'count', 'big', 'x', 'ok', 'raw', 'day', 'tags', 'seen'].map(name => [name, null]),
  )
  expect(found).toEqual([
    {
      thing: UUID,
      when: at,
      name: 'Ann',
      count: 1,
      big: 9_007_199_254_740_993n,
      x: 1.5,
      ok: true,
      raw: Buffer.from([1, 2]),
      day: Date.UTC(2025, 5, 15),
      tags: ['a', 'b'],
      seen: { x: 1 },
    },
    { thing: UUID, when: at + 1, ...nothing },
    { thing: 'no uuid', when: at, ...nothing },
    { thing: null, when: at, ...nothing },
  ])
})

const User = schema({ id: t.string(), city: t.string() })
const Sale = schema({ user: t.string(), n: t.int32() })

test('5,000 records with 1,000 keys: each key is asked for once', async () => {
  const table = `${db.ks}.users`
  await db.client.execute(`CREATE TABLE ${table} (id text PRIMARY KEY, city text)`)
  const users = Array.from({ length: 1_000 }, (_, i) => ({ id: `u${i}`, city: `c${i % 7}` }))
  const input = new Application({ id: 'users' })
  input.dataframe(fromArray(users, { schema: User })).sink(cassandra(db.client).table(table))
  await input.run({ until: 'end' })

  const questions: string[] = []
  const counting = new Proxy(db.client, {
    get: (target, name) => {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'execute') questions.push(String(args[0]))
        return value.apply(target, args)
      }
    },
  })
  const sales = Array.from({ length: 5_000 }, (_, n) => ({ user: `u${(n * 7) % 1_000}`, n }))
  const app = new Application({ id: 'sales' })
  const rows = await app
    .dataframe(fromArray(sales, { schema: Sale }))
    .lookup(cassandra(counting).lookup(table, { schema: User, key: ['id'] }), 'user', {
      user_city: 'city',
    })
    .collect()
  expect(rows).toEqual(
    sales.map(({ user, n }) => ({ user, n, user_city: `c${Number(user.slice(1)) % 7}` })),
  )
  expect(questions.filter(cql => cql.includes('"users"')).length).toBe(1_000)
})

test.each([
  ['a table that is not there', 'usrs', ['id'], { code: 'LOOKUP_FAILED' }, /there is no table/],
  [
    'a key that is not the primary key',
    'users',
    ['city'],
    {},
    /key says \(city\), the primary key/,
  ],
] as const)('refuses %s when it starts', async (_, name, key, error, message) => {
  const lookup = cassandra(db.client).lookup(`${db.ks}.${name}`, { schema: User, key: [...key] })
  const app = new Application({ id: 'refused' })
  const frame = app
    .dataframe(fromArray([{ user: 'u1', n: 1 }], { schema: Sale }))
    .lookup(lookup, 'user', ['city'])
  const failure = await frame.collect().catch(each => each)
  expect(failure).toMatchObject(error)
  expect(failure.message).toMatch(message)
})

test('refuses a column that does not fit when it starts', async () => {
  const Wrong = schema({ id: t.string(), city: t.int32(), street: t.string() })
  const lookup = cassandra(db.client).lookup(`${db.ks}.users`, { schema: Wrong, key: ['id'] })
  const app = new Application({ id: 'refused' })
  const frame = app
    .dataframe(fromArray([{ user: 'u1', n: 1 }], { schema: Sale }))
    .lookup(lookup, 'user', ['city', 'street'])
  const failure = await frame.collect().catch(each => each)
  expect(failure).toMatchObject({ code: 'SCHEMA_MISMATCH' })
  expect(failure.message).toContain('"city" of the frame is int32, and city of the table is text')
  expect(failure.message).toContain('the table has no column street')
})
