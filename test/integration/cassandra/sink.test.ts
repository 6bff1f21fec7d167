/** The Cassandra sink against a real server: the exam of sinks, and what rows become in tables. */
import { cassandra } from '@millrace/cassandra'
import {
  Application,
  count,
  deadLetter,
  deadLetterInfo,
  fromArray,
  json,
  schema,
  string,
  t,
  tumbling,
} from '@millrace/core'
import { TestDriver, testSink } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { rowsOf, testSession } from './session.ts'

const db = testSession()

testSink(
  { describe, test, expect },
  async () => {
    const table = await db.newTable('id text PRIMARY KEY, n int, note text')
    return {
      definition: cassandra(db.client).table(table, { tombstones: 'ignore' }),
      visible: async () => {
        const rows = await rowsOf(db.client, `SELECT id, writetime(n) AS at FROM ${table}`)
        const named = rows.map(({ id, at }) => ({ id: String(id), at: Number(at) }))
        return named.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
      },
    }
  },
  { isTwoPhase: false },
)

const Purchase = schema({ user: t.string(), at: t.timestamp(), amount: t.float64() })

test('writes the results of windows, by name', async () => {
  const table = await db.newTable(
    'user text, window_start timestamp, window_end timestamp, n bigint, ' +
      'PRIMARY KEY (user, window_start)',
  )
  const rows = Array.from({ length: 500 }, (_, i) => ({
    user: `u${i % 7}`,
    at: 1_750_000_000_000 + i * 100,
    amount: i,
  }))
  const app = new Application({ id: 'totals' })
  app
    .dataframe(fromArray(rows, { schema: Purchase, timestamp: 'at' }))
    .groupBy('user')
    .window(tumbling('10s'))
    .agg(() => ({ n: count() }))
    .final()
    .sink(cassandra(db.client).table(table, { key: ['user', 'window_start'] }))
  await app.run({ until: 'end' })
  const stored = await rowsOf(db.client, `SELECT n FROM ${table}`)
  expect(stored.length).toBe(35)
  expect(stored.reduce((sum, { n }) => sum + Number(n), 0)).toBe(500)
})

// ---- order of writes and deletes

const NOW = 1_750_000_000_000

/** One key within a millisecond; the same again is what a replay does. */
async function change(table: string, changes: readonly [n: number, gone: boolean][]) {
  const rows = changes.map(([n, gone]) => ({ id: 'k', n, gone, at: NOW }))
  const From = schema({ id: t.string(), n: t.int32(), gone: t.boolean(), at: t.timestamp() })
  const app = new Application({ id: 'changes' })
  app
    .dataframe(fromArray(rows, { schema: From, timestamp: 'at' }))
    .sink(cassandra(db.client).table(table, { deleteWhere: 'gone', skip: ['at'] }))
  await app.run({ until: 'end' })
}

test('writes and deletes of a key within a millisecond end right, also when they come again', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const changes: [number, boolean][] = [
    [1, false],
    [2, false],
    [0, true],
    [3, false],
  ]
  for (let attempt = 0; attempt < 3; attempt++) {
    await change(table, changes)
    expect(await rowsOf(db.client, `SELECT id, n FROM ${table}`)).toEqual([{ id: 'k', n: 3 }])
  }
  await change(table, changes.slice(0, 2))
  expect(await rowsOf(db.client, `SELECT id, n FROM ${table}`)).toEqual([{ id: 'k', n: 3 }])
  const [{ at } = {}] = await rowsOf(db.client, `SELECT writetime(n) AS at FROM ${table}`)
  expect(Number(at)).toBe(NOW * 1_000 + 3)
})

test('a delete that comes late again does not take a later row', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  await change(table, [
    [1, false],
    [0, true],
  ])
  await change(table, [
    [1, false],
    [0, true],
    [2, false],
  ])
  await change(table, [
    [1, false],
    [0, true],
  ])
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 2 }])
})

test('a tombstone deletes the row of its key; write times go on after a restart', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const driver = new TestDriver()
  const application = () => {
    const app = new Application({ id: 'tombs', broker: driver.options.broker })
    const Value = schema({ n: t.int32() })
    const topic = app.topic('rows', {
      key: string(),
      keyColumn: 'id',
      value: json(Value),
      create: { partitions: 1 },
    })
    app.dataframe(topic).sink(cassandra(db.client).table(table))
    return { app, topic }
  }
  const first = application()
  await driver.feed(first.topic, [
    { key: 'a', value: { id: 'a', n: 1 }, timestamp: NOW + 60_000 },
    { key: 'b', value: { id: 'b', n: 1 }, timestamp: NOW },
  ])
  await first.app.run({ until: 'end' })
  // Older by event time than what was written before it: still the later one.
  const second = application()
  await driver.feed(second.topic, [
    { key: 'a', value: null, timestamp: NOW },
    { key: 'b', value: { id: 'b', n: 2 }, timestamp: NOW },
  ])
  await second.app.run({ until: 'end' })
  expect(await rowsOf(db.client, `SELECT id, n FROM ${table}`)).toEqual([{ id: 'b', n: 2 }])
})

// ---- nulls, TTL, names

test.each([
  ['unset', 'old'],
  ['null', null],
] as const)('a null is %s', async (nulls, note) => {
  const table = await db.newTable('id text PRIMARY KEY, note text')
  const Note = schema({ id: t.string(), note: t.string().nullable() })
  const app = new Application({ id: 'nulls' })
  const rows = [
    { id: 'a', note: 'old' },
    { id: 'a', note: null },
  ]
  app
    .dataframe(fromArray(rows, { schema: Note }))
    .sink(cassandra(db.client).table(table, { nulls }))
  await app.run({ until: 'end' })
  expect(await rowsOf(db.client, `SELECT note FROM ${table}`)).toEqual([{ note }])
})

test('rows live as long as a TTL says, from a column or for all', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const Row = schema({ id: t.string(), n: t.int32(), seconds: t.int32().nullable() })
  const app = new Application({ id: 'ttl' })
  const rows = [
    { id: 'a', n: 1, seconds: 1_000 },
    { id: 'b', n: 1, seconds: null },
  ]
  const sink = cassandra(db.client).table(table, { ttl: { column: 'seconds' } })
  app.dataframe(fromArray(rows, { schema: Row })).sink(sink)
  await app.run({ until: 'end' })
  const stored = await rowsOf(db.client, `SELECT id, ttl(n) AS ttl FROM ${table}`)
  const byId = new Map(stored.map(({ id, ttl }) => [id, ttl]))
  expect(byId.get('a')).toBeGreaterThan(900)
  expect(byId.get('b')).toBe(null)
})

test('whatever stands in text, names and quotes is stored as data', async () => {
  const quoted = `${db.ks}."Select"`
  await db.client.execute(`CREATE TABLE ${quoted} ("select" text PRIMARY KEY, "a""; --" text)`)
  const texts = ["'; DROP KEYSPACE x; --", '"', '?', ':id', '$$', '\u0000', '😀', ' ', "''''"]
  const Text = schema({ select: t.string(), 'a"; --': t.string() })
  const app = new Application({ id: 'injection' })
  const rows = texts.map(text => ({ select: text, 'a"; --': text }))
  app.dataframe(fromArray(rows, { schema: Text })).sink(cassandra(db.client).table(quoted))
  await app.run({ until: 'end' })
  const stored = await rowsOf(db.client, `SELECT * FROM ${quoted}`)
  expect(stored.map(row => row.select).sort()).toEqual([...texts].sort())
  expect(stored.every(row => row.select === row['a"; --'])).toBe(true)
})

test('adds to counters', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n counter')
  const app = new Application({ id: 'counters' })
  const rows = Array.from({ length: 100 }, (_, i) => ({ id: `k${i % 3}`, n: i }))
  const Row = schema({ id: t.string(), n: t.int32() })
  app.dataframe(fromArray(rows, { schema: Row })).sink(cassandra(db.client).table(table))
  await app.run({ until: 'end' })
  const stored = await rowsOf(db.client, `SELECT n FROM ${table}`)
  expect(stored.reduce((sum, { n }) => sum + Number(n), 0)).toBe(4_950)
})

test('what is appended behind a fence is there once, in its order, also after a replay', async () => {
  const table = await db.newTable('id text PRIMARY KEY, tags list<text>, applied map<text, bigint>')
  const driver = new TestDriver()
  const Add = schema({ id: t.string(), tags: t.json() })
  // Each reads the topic from its beginning.
  const application = (id: string) => {
    const app = new Application({ id, broker: driver.options.broker })
    const topic = app.topic('adds', { value: json(Add), create: { partitions: 2 } })
    const sink = cassandra(db.client).table(table, {
      write: 'update',
      columns: { tags: { add: 'tags' } },
      tombstones: 'ignore',
      fence: 'applied',
    })
    // Several rows of one record are told apart.
    const split = ({ id, tags }: { id: string; tags: unknown }) =>
      (tags as string[]).map(tag => ({ id, tags: [tag] }))
    app.dataframe(topic).flatMap(split, { schema: Add }).sink(sink)
    return { app, topic }
  }
  const first = application('first')
  const records = Array.from({ length: 30 }, (_, i) => ({
    value: { id: `k${i % 3}`, tags: [`${i}a`, `${i}b`] },
    timestamp: NOW + i,
    partition: (i % 3) % 2,
  }))
  await driver.feed(first.topic, records)
  await first.app.run({ until: 'end' })
  await application('again').app.run({ until: 'end' })
  const stored = await rowsOf(db.client, `SELECT id, tags FROM ${table}`)
  const tags = new Map(stored.map(({ id, tags }) => [id, tags]))
  for (const k of [0, 1, 2]) {
    const own = records.filter((_, i) => i % 3 === k).flatMap(({ value }) => value.tags)
    expect(tags.get(`k${k}`)).toEqual(own)
  }
})

test('writes only what is not there, and counts the others', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n int')
  const app = new Application({ id: 'lwt' })
  const Row = schema({ id: t.string(), n: t.int32() })
  const rows = [1, 2, 3].map(n => ({ id: 'a', n }))
  const sink = cassandra(db.client).table(table, { condition: 'not exists' })
  app.dataframe(fromArray(rows, { schema: Row })).sink(sink)
  await app.run({ until: 'end' })
  expect(await rowsOf(db.client, `SELECT n FROM ${table}`)).toEqual([{ n: 1 }])
})

// ---- before the first record, and bad records

test('a table that does not fit is refused with everything that does not', async () => {
  const table = await db.newTable(
    'id uuid, at timestamp, n int, PRIMARY KEY (id, at))'.slice(0, -1),
  )
  const app = new Application({ id: 'misfit' })
  const Row = schema({ id: t.boolean(), n: t.float64(), extra: t.string() })
  app.dataframe(fromArray([], { schema: Row })).sink(cassandra(db.client).table(table))
  const error = await app.run({ until: 'end' }).catch(each => each)
  expect(error.code).toBe('SCHEMA_MISMATCH')
  for (const part of [
    '"id" of the frame is boolean',
    '"n" of the frame is float64',
    '"extra"',
    'at (timestamp)',
  ]) {
    expect(error.message).toContain(part)
  }
})

test('a table that is missing is created on request; else the error has the CQL', async () => {
  const Row = schema({ id: t.string(), at: t.timestamp(), n: t.int64() })
  const run = async (name: string, options: object) => {
    const app = new Application({ id: 'create' })
    const rows = [{ id: 'a', at: NOW, n: 5n }]
    const sink = cassandra(db.client).table(name, { key: ['id', 'at'], ...options })
    app.dataframe(fromArray(rows, { schema: Row })).sink(sink)
    await app.run({ until: 'end' })
  }
  await expect(run(`${db.ks}.made`, {})).rejects.toThrow(
    `CREATE TABLE IF NOT EXISTS "${db.ks}"."made" ("id" text, "at" timestamp, "n" bigint, PRIMARY KEY`,
  )
  await run(`${db.ks}.made`, { create: true })
  expect((await rowsOf(db.client, `SELECT id FROM ${db.ks}.made`)).length).toBe(1)
  const replication = { class: 'SimpleStrategy', replication_factor: 1 }
  await run(`${db.ks}_more.made`, { create: { replication } })
  expect((await rowsOf(db.client, `SELECT id FROM ${db.ks}_more.made`)).length).toBe(1)
  await db.client.execute(
    `CREATE TABLE ${db.ks}.narrow (id text, at timestamp, PRIMARY KEY (id, at))`,
  )
  await run(`${db.ks}.narrow`, { addColumns: true })
  expect(Number((await rowsOf(db.client, `SELECT n FROM ${db.ks}.narrow`))[0]?.n)).toBe(5)
})

test('bad records go to the policy, alone; the others are written', async () => {
  const table = await db.newTable('k text, id uuid, note text, PRIMARY KEY (k, id)')
  const driver = new TestDriver()
  const app = new Application({ id: 'bad', broker: driver.options.broker })
  const Row = schema({ k: t.string(), id: t.string(), note: t.string() })
  const topic = app.topic('rows', { value: json(Row), create: { partitions: 1 } })
  const dead = app.topic('dead', { create: { partitions: 1 } })
  const sink = cassandra(db.client).table(table)
  app.dataframe(topic).sink(sink, { onError: deadLetter(dead) })
  const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  // What is no UUID is found here; a key of more than 64 KiB is refused by the server.
  const rows = Array.from({ length: 20 }, (_, i) => ({ k: 'k', id: uuid(i), note: 'x' }))
  rows[5] = { k: 'k', id: 'no uuid', note: 'x' }
  rows[11] = { k: 'x'.repeat(70_000), id: uuid(11), note: 'x' }
  await driver.feed(
    topic,
    rows.map(value => ({ value, timestamp: NOW })),
  )
  await app.run({ until: 'end' })
  expect((await rowsOf(db.client, `SELECT id FROM ${table}`)).length).toBe(18)
  const letters = await driver.read(dead)
  expect(letters.map(({ headers }) => deadLetterInfo(headers)?.code)).toEqual([
    'ENCODE_FAILED',
    'SINK_FAILED',
  ])
})
