/** Statements of the user's own, executed for every record by a real server. */
import { cassandra, type QuerySinkOptions } from '@millrace/cassandra'
import {
  Application,
  deadLetter,
  deadLetterInfo,
  fromArray,
  json,
  lit,
  type Schema,
  schema,
  skip,
  t,
} from '@millrace/core'
import { TestDriver, testSink } from '@millrace/core/testing'
import type { Client } from 'cassandra-driver'
import { describe, expect, test } from 'vitest'
import { connect, rowsOf, testSession } from './session.ts'

const db = testSession()

const NOW = 1_750_000_000_000

async function run<Row extends object>(
  rows: readonly Row[],
  of: Schema<Row>,
  cql: string,
  options: QuerySinkOptions<Row> = {},
  by: Client = db.client,
): Promise<void> {
  const app = new Application({ id: 'query' })
  app
    .dataframe(fromArray(rows, { schema: of, timestamp: () => NOW }))
    .sink(cassandra(by).query<Row>(cql, options))
  await app.run({ until: 'end' })
}

testSink(
  { describe, test, expect },
  async () => {
    const table = await db.newTable('id text PRIMARY KEY, n int, note text')
    const cql = `INSERT INTO ${table} (id, n, note) VALUES (:id, :n, :note) USING TIMESTAMP :at`
    return {
      definition: cassandra(db.client).query(cql, { tombstones: 'ignore', writeTime: 'at' }),
      visible: async () => {
        const rows = await rowsOf(db.client, `SELECT id, writetime(n) AS at FROM ${table}`)
        const named = rows.map(({ id, at }) => ({ id: String(id), at: Number(at) }))
        return named.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
      },
    }
  },
  { isTwoPhase: false },
)

test('binds by name, with the types of the server, also those that are nested', async () => {
  await db.client.execute(`CREATE TYPE ${db.ks}.address (city text, lines list<text>)`)
  const table = await db.newTable(
    'id uuid PRIMARY KEY, n bigint, twice int, day date, home frozen<address>, tags list<text>, ' +
      'seen map<text, int>, pair tuple<int, text>, place vector<float, 2>, took duration, ' +
      'label text, "Mixed" text',
  )
  const Row = schema({
    id: t.string(),
    n: t.int32(),
    day: t.timestamp(),
    home: t.json(),
    tags: t.json(),
    seen: t.json(),
    pair: t.json(),
    place: t.json(),
    took: t.string(),
    Mixed: t.string(),
  })
  const id = '00000000-0000-4000-8000-000000000001'
  const row = {
    id,
    n: 7,
    day: Date.UTC(2025, 5, 15, 13),
    home: { city: 'Ulm', lines: ['a', 'b'] },
    tags: ["'; DROP KEYSPACE x; --", '?', ':id'],
    seen: { x: 1 },
    pair: [1, 'one'],
    place: [0.5, 1.5],
    took: '1h',
    Mixed: 'Ärger',
  }
  await run(
    [row],
    Row,
    `UPDATE ${table} USING TTL :seconds SET n = :n, twice = :n, day = :day, home = :home, ` +
      'tags = :tags, seen = :seen, pair = :pair, place = :place, took = :took, label = :label, ' +
      '"Mixed" = :"Mixed" WHERE id = :id',
    {
      params: {
        seconds: () => lit(1_000).as(t.int32()),
        label: c => c.Mixed.upper().concat(' & co'),
      },
    },
  )
  const [stored = {}] = await rowsOf(
    db.client,
    `SELECT n, twice, cast(day AS text) AS day, toJson(home) AS home, tags, seen, ` +
      `toJson(pair) AS pair, toJson(place) AS place, toJson(took) AS took, label, "Mixed", ` +
      `ttl(n) AS ttl FROM ${table} WHERE id = ${id}`,
  )
  expect(Number(stored.n)).toBe(7)
  expect(stored.ttl).toBeGreaterThan(900)
  expect({ ...stored, n: 0, ttl: 0 }).toEqual({
    n: 0,
    ttl: 0,
    twice: 7,
    day: '2025-06-15',
    home: '{"city": "Ulm", "lines": ["a", "b"]}',
    tags: row.tags,
    seen: row.seen,
    pair: '[1, "one"]',
    place: '[0.5, 1.5]',
    took: '"1h"',
    label: 'ÄRGER & co',
    Mixed: 'Ärger',
  })
})

const Change = schema({ id: t.string(), n: t.int32() })

test('records of a partition key are executed in their order', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int, path text')
  const rows = Array.from({ length: 600 }, (_, n) => ({ id: `k${n % 3}`, n }))
  await run(rows, Change, `UPDATE ${table} SET n = :n WHERE id = :id`)
  const stored = await rowsOf(db.client, `SELECT id, n FROM ${table}`)
  expect(stored.map(({ id, n }) => `${id} ${n}`).sort()).toEqual(['k0 597', 'k1 598', 'k2 599'])
})

test('and so are all, where the query has no parameter for the partition key', async () => {
  const table = await db.newTable('id text, n int, PRIMARY KEY (id, n)')
  const one = await db.newTable('id text PRIMARY KEY, n int')
  const rows = Array.from({ length: 100 }, (_, n) => ({ id: `k${n % 3}`, n }))
  await run(rows, Change, `UPDATE ${one} SET n = :n WHERE id = 'one'`)
  expect(await rowsOf(db.client, `SELECT n FROM ${one}`)).toEqual([{ n: 99 }])
  await run(
    rows,
    Change,
    `BEGIN BATCH INSERT INTO ${table} (id, n) VALUES (:id, :n); ` +
      `UPDATE ${one} SET n = :n WHERE id = :id; APPLY BATCH`,
  )
  expect(await rowsOf(db.client, `SELECT n FROM ${one} WHERE id = 'k1'`)).toEqual([{ n: 97 }])
  expect((await rowsOf(db.client, `SELECT n FROM ${table}`)).length).toBe(100)
})

test('with a write time of the log an older record that comes again changes nothing', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const rows = [1, 2, 3].map(n => ({ id: 'k', n }))
  const write = (count: number, options: QuerySinkOptions<typeof Change.row>) =>
    run(
      rows.slice(0, count),
      Change,
      `UPDATE ${table} ${options.writeTime ? 'USING TIMESTAMP :time' : ''} SET n = :n WHERE id = :id`,
      options,
    )
  await write(3, { writeTime: 'time' })
  await write(2, { writeTime: 'time' })
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 3 }])
  const [{ at } = {}] = await rowsOf(db.client, `SELECT writetime(n) AS at FROM ${table}`)
  expect(Number(at)).toBe(NOW * 1_000 + 2)
  await write(2, {})
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 2 }])
})

test('everything that does not fit is told at once when it starts', async () => {
  const table = await db.newTable('id uuid PRIMARY KEY, n text, note text')
  const cql = `UPDATE ${table} SET n = :n, note = :nope WHERE id = :id`
  const error = await run([{ id: 'a', n: 1 }], Change, cql, {
    params: { nto: 'n' } as never,
  }).catch(each => each)
  expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
  expect(error.message).toContain(`the frame does not fit the query "${cql}"`)
  expect(error.message).toContain('the query has no parameter :nto for params.')
  expect(error.message).toContain('column "n" of the frame is int32, and :n of the query is text')
  expect(error.message).toContain(':nope (text): the frame has no column "nope"')
  await expect(run([], Change, `UPDATE ${table} SETT n = :n`)).rejects.toThrow(
    /SINK_FAILED: the query "UPDATE .*" cannot be prepared: line 1:/,
  )
  await expect(run([], Change, `DELETE FROM ${db.ks}.nowhere WHERE id = :id`)).rejects.toThrow(
    /cannot be prepared: .*nowhere/,
  )
  await expect(run([], Change, `DELETE FROM ${table} WHERE id = now()`)).rejects.toThrow(
    'the query has no parameter, such as :id',
  )
})

test('a table without its keyspace is one of the keyspace of the client', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const within = await connect({ keyspace: db.ks })
  const [, name] = table.split('.')
  await run([{ id: 'a', n: 1 }], Change, `INSERT INTO ${name} (id, n) VALUES (:id, :n)`, {}, within)
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 1 }])
})

test('what a condition keeps out is counted, or goes to the policy', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const cql = `INSERT INTO ${table} (id, n) VALUES (:id, :n) IF NOT EXISTS`
  const rows = [1, 2, 3].map(n => ({ id: 'a', n }))
  await run(rows, Change, cql)
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 1 }])
  await expect(run(rows, Change, cql, { notApplied: 'refuse' })).rejects.toThrow(
    'the condition kept the row out',
  )
})

/** Records of a topic, with a topic of dead letters. */
async function lettersOf(
  values: readonly (object | null)[],
  cql: string,
  options: QuerySinkOptions<typeof Change.row> = {},
) {
  const driver = new TestDriver()
  const app = new Application({ id: 'bad', broker: driver.options.broker })
  const topic = app.topic('rows', { value: json(Change), create: { partitions: 1 } })
  const dead = app.topic('dead', { create: { partitions: 1 } })
  app.dataframe(topic).sink(cassandra(db.client).query(cql, options), { onError: deadLetter(dead) })
  await driver.feed(topic, values.map(value => ({ value, timestamp: NOW })) as never)
  await app.run({ until: 'end' })
  const letters = await driver.read(dead)
  return letters.map(({ headers }) => deadLetterInfo(headers)?.message ?? '')
}

test('bad records go to the policy, alone; the others are written', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n tinyint, note text')
  const cql = `INSERT INTO ${table} (id, n) VALUES (:id, :n)`
  const values = [
    { id: 'a', n: 1 },
    { id: 'b', n: 200 },
    { id: 'x'.repeat(70_000), n: 1 },
    null,
    { id: '', n: 1 },
    { id: 'c', n: 2 },
  ]
  const letters = await lettersOf(values, cql)
  expect(letters).toHaveLength(4)
  expect(letters).toEqual(
    expect.arrayContaining([
      expect.stringContaining(':n (tinyint) takes'),
      expect.stringMatching(/Cassandra refuses the row: Key length of 70000/),
      expect.stringContaining('a tombstone has no values for the parameters of a query'),
      expect.stringMatching(/Cassandra refuses the row: Key may not be empty/),
    ]),
  )
  const stored = await rowsOf(db.client, `SELECT id FROM ${table}`)
  expect(stored.map(({ id }) => id).sort()).toEqual(['a', 'c'])
  expect(await lettersOf([null, { id: 'd', n: 3 }], cql, { tombstones: 'ignore' })).toEqual([])
})

test.each([
  ['unset', 'old'],
  ['null', null],
] as const)('a null is %s', async (nulls, note) => {
  const table = await db.newTable('id text PRIMARY KEY, note text')
  const Note = schema({ id: t.string().nullable(), note: t.string().nullable() })
  const app = new Application({ id: 'nulls' })
  const rows = [
    { id: 'a', note: 'old' },
    { id: 'a', note: null },
    { id: null, note: 'x' },
  ]
  const cql = `INSERT INTO ${table} (id, note) VALUES (:id, :note)`
  app
    .dataframe(fromArray(rows, { schema: Note }))
    .sink(cassandra(db.client).query(cql, { nulls }), { onError: skip() })
  await app.run({ until: 'end' })
  expect(await rowsOf(db.client, `SELECT id, note FROM ${table}`)).toEqual([{ id: 'a', note }])
})

test.each([
  [
    'a query',
    (table: string) => cassandra(db.client).query(`UPDATE ${table} SET n = :n WHERE id = :id`),
  ],
  ['a table', (table: string) => cassandra(db.client).table(table)],
])(
  'a table that %s writes to is changed: the run stops, no record is taken for a bad one',
  async (_, sinkOf) => {
    const table = await db.newTable('id text PRIMARY KEY, n int')
    const execute = db.client.execute as (...args: unknown[]) => Promise<unknown>
    let isDropped = false
    db.client.execute = (async (query: string, ...rest: unknown[]) => {
      if (/^(?:UPDATE|INSERT)/.test(query) && !isDropped) {
        isDropped = true
        await execute.call(db.client, query, ...rest)
        await execute.call(db.client, `ALTER TABLE ${table} DROP n`)
      }
      return execute.call(db.client, query, ...rest)
    }) as never
    try {
      const app = new Application({ id: 'changed' })
      app
        .dataframe(fromArray([{ id: 'b', n: 2 }], { schema: Change }))
        .sink(sinkOf(table), { onError: skip() })
      const error = await app.run({ until: 'end' }).catch(each => each)
      expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
      expect(error.message).toMatch(/column n of .* is not there now|no column for column "n"/)
    } finally {
      db.client.execute = execute as never
    }
  },
)
