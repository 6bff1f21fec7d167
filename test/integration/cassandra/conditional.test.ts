/** Writes under a condition, with the outcome as a column, on a real server. */
import { cassandra } from '@millrace/cassandra'
import {
  Application,
  deadLetter,
  deadLetterInfo,
  fromArray,
  json,
  listSink,
  type Schema,
  schema,
  string,
  t,
} from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
import { expect, test } from 'vitest'
import { rowsOf, testSession } from './session.ts'

const db = testSession()

const Seat = schema({ seat: t.int32(), holder: t.string() })
const Booking = schema({ seat: t.int32(), user: t.string() })
type Booking = typeof Booking.row

const frameOf = <Row extends object>(rows: readonly Row[], of: Schema<Row>) =>
  new Application({ id: 'conditional' }).dataframe(fromArray(rows, { schema: of }))

test('of many who want a row the first has it, and all are told; when they come again, too', async () => {
  const table = await db.newTable('seat int PRIMARY KEY, holder text')
  const bookings: Booking[] = Array.from({ length: 300 }, (_, i) => ({
    seat: Math.floor(i / 10),
    user: `u${i}`,
  }))
  const run = () =>
    frameOf(bookings, Booking)
      .lookup(
        cassandra(db.client).conditional(table, { schema: Seat, condition: 'not exists' }),
        ['seat', 'user'],
        { got_it: 'applied', holder: 'holder' },
      )
      .collect()
  const expected = bookings.map(({ seat, user }) => {
    const holder = bookings.find(other => other.seat === seat)?.user
    return { seat, user, got_it: holder === user, holder }
  })
  expect(await run()).toEqual(expected)
  expect(await run()).toEqual(expected)
  expect((await rowsOf(db.client, `SELECT seat FROM ${table}`)).length).toBe(30)
})

test('an answer that never came is asked for again, and says what happened', async () => {
  const table = await db.newTable('seat int PRIMARY KEY, holder text')
  let lost = 0
  const losing = new Proxy(db.client, {
    get: (target, name) => {
      const value = Reflect.get(target, name)
      if (name !== 'execute') return typeof value === 'function' ? value.bind(target) : value
      return async (query: string, ...rest: unknown[]) => {
        const answer = await Reflect.apply(value, target, [query, ...rest])
        if (!query.startsWith('INSERT') || lost++ > 3) return answer
        throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
      }
    },
  })
  const rows = await frameOf([{ seat: 1, user: 'a' }], Booking)
    .lookup(
      cassandra(losing).conditional(table, { schema: Seat, condition: 'not exists' }),
      ['seat', 'user'],
      ['applied'],
    )
    .collect()
  expect(lost).toBe(5)
  expect(rows).toEqual([{ seat: 1, user: 'a', applied: true }])
})

test('an update tells whether there was a row', async () => {
  const table = await db.newTable('seat int PRIMARY KEY, who text, note text')
  await db.client.execute(`INSERT INTO ${table} (seat, who, note) VALUES (1, 'old', 'x')`)
  const rows = await frameOf(
    [
      { seat: 1, user: 'a' },
      { seat: 2, user: 'b' },
    ],
    Booking,
  )
    .lookup(
      cassandra(db.client).conditional(table, {
        schema: Seat,
        condition: 'exists',
        columns: { holder: 'who' },
      }),
      ['seat', 'user'],
      ['applied', 'holder'],
    )
    .collect()
  expect(rows).toEqual([
    { seat: 1, user: 'a', applied: true, holder: 'a' },
    { seat: 2, user: 'b', applied: false, holder: null },
  ])
  expect(await rowsOf(db.client, `SELECT seat, who, note FROM ${table}`)).toEqual([
    { seat: 1, who: 'a', note: 'x' },
  ])
})

test('bad records go to the policy, alone; tombstones pass', async () => {
  const table = await db.newTable('id text PRIMARY KEY, n smallint, tags set<text>')
  const driver = new TestDriver()
  const app = new Application({ id: 'bad', broker: driver.options.broker })
  const Value = schema({ n: t.int32().nullable(), tags: t.json() })
  const topic = app.topic('rows', {
    key: string(),
    keyColumn: 'id',
    value: json(Value),
    create: { partitions: 1 },
  })
  const dead = app.topic('dead', { create: { partitions: 1 } })
  const list = listSink()
  const write = cassandra(db.client).conditional(table, {
    schema: schema({ id: t.string(), n: t.int32().nullable(), tags: t.json() }),
    condition: 'not exists',
  })
  app
    .dataframe(topic)
    .lookup(write, ['id', 'n', 'tags'], ['applied'], { onError: deadLetter(dead) })
    .select('id', 'applied')
    .sink(list)
  const put = (id: string, n: number | null, tags: unknown = ['a']) => ({
    key: id,
    value: { id, n, tags },
    timestamp: 1_000,
  })
  await driver.feed(topic, [
    put('a', 1),
    put('b', 70_000),
    put('x'.repeat(70_000), 1),
    put('c', null),
    put('d', 1, 'no set'),
    { key: 'a', value: null, timestamp: 1_000 },
    put('a', 2),
  ] as never)
  await app.run({ until: 'end' })
  expect(list.rows).toEqual([
    { id: 'a', applied: true },
    { id: 'c', applied: true },
    { id: 'a', applied: false },
  ])
  const letters = await driver.read(dead)
  expect(letters.map(({ headers }) => deadLetterInfo(headers)?.message)).toEqual([
    expect.stringContaining('n (smallint) takes'),
    expect.stringContaining('Cassandra refuses the row: Key length of 70000'),
    expect.stringContaining('tags (set<text>) takes an array'),
  ])
})

test('what does not fit is told at once when it starts', async () => {
  const table = await db.newTable('seat text, at timestamp, PRIMARY KEY (seat, at)')
  const open = (name: string, fields: readonly string[] = ['applied']) =>
    frameOf([{ seat: 1, user: 'a' }], Booking)
      .lookup(
        cassandra(db.client).conditional(name, { schema: Seat, condition: 'not exists' }),
        ['seat', 'user'],
        fields as never,
      )
      .collect()
      .catch(each => each)
  const error = await open(table)
  expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
  expect(error.message).toContain('column "seat" of the frame is int32, and seat of the table is')
  expect(error.message).toContain('the table has no column for column "holder"')
  expect(error.message).toContain('no column of the frame is written to at (timestamp)')
  expect(await open(`${db.ks}.nowhere`)).toMatchObject({
    code: 'LOOKUP_FAILED',
    message: expect.stringContaining('there is no table'),
  })
})
