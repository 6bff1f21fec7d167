/** What goes where in tables of a real server: columns by expressions, and several tables. */
import { cassandra } from '@millrace/cassandra'
import {
  Application,
  deadLetter,
  deadLetterInfo,
  fromArray,
  json,
  type Schema,
  schema,
  skip,
  string,
  t,
  when,
} from '@millrace/core'
import { TestDriver, testSink } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { rowsOf, testSession } from './session.ts'

const db = testSession()

const NOW = Date.UTC(2025, 5, 15, 10, 30)
const DAY = Date.UTC(2025, 5, 15)
const Sale = schema({
  id: t.string(),
  shop: t.string(),
  at: t.timestamp(),
  amount: t.float64(),
  more: t.json<{ tags: string[] }>(),
})
const SALES = [
  { id: 'a', shop: 'x', at: NOW, amount: 1.25, more: { tags: ['a', 'z'] } },
  { id: 'b', shop: 'y', at: NOW, amount: 2, more: { tags: ['b', 'z'] } },
  { id: 'c', shop: 'x', at: NOW, amount: 1e300, more: { tags: ['c', 'z'] } },
]

function framed<Row extends object>(rows: readonly Row[], of: Schema<Row>) {
  const app = new Application({ id: 'mapping' })
  return { app, frame: app.dataframe(fromArray(rows, { schema: of, timestamp: () => NOW })) }
}

describe('columns by expressions', () => {
  test('are part of the key, of values and of the end of a list; what fails goes to the policy', async () => {
    const table = await db.newTable(
      'shop text, day timestamp, label text, cents bigint, amount double, region text, ' +
        'seen set<text>, PRIMARY KEY (shop, day)',
    )
    const { app, frame } = framed(SALES, Sale)
    frame.sink(
      cassandra(db.client).table(table, {
        write: 'update',
        key: ['shop', 'day'],
        columns: {
          day: c => c.at.truncate('1d'),
          cents: c => c.amount.mul(100).as(t.int64()),
          label: c => c.shop.upper().concat('/', c.id),
          region: () => 'eu',
          seen: { add: c => c.more.get('tags') },
        },
      }),
      { onError: skip() },
    )
    await app.run({ until: 'end' })
    const stored = await rowsOf(db.client, `SELECT * FROM ${table}`)
    const day = new Date(DAY)
    const row = (shop: string, id: string, amount: number) => ({
      shop,
      day,
      amount,
      cents: expect.objectContaining({ low: amount * 100 }),
      label: `${shop.toUpperCase()}/${id}`,
      region: 'eu',
      seen: [id, 'z'],
    })
    expect(stored).toHaveLength(2)
    expect(stored).toEqual(expect.arrayContaining([row('x', 'a', 1.25), row('y', 'b', 2)]))
  })

  test('are created, and checked as other columns are', async () => {
    const name = `${db.ks}.made`
    const first = framed(SALES.slice(0, 1), Sale)
    first.frame.sink(
      cassandra(db.client).table(name, {
        create: true,
        skip: ['more'],
        key: ['shop', 'day'],
        columns: { day: c => c.at.truncate('1d') },
      }),
    )
    await first.app.run({ until: 'end' })
    expect(await rowsOf(db.client, `SELECT shop, day, id FROM ${name}`)).toEqual([
      { shop: 'x', day: new Date(DAY), id: 'a' },
    ])
    const second = framed(SALES, Sale)
    second.frame.sink(
      cassandra(db.client).table(name, {
        skip: ['more'],
        columns: { day: c => c.shop.length(), nay: c => c.at },
      }),
    )
    const error = await second.app.run({ until: 'end' }).catch(each => each)
    expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
    expect(error.message).toContain('column "columns.day" of the frame is int32, and day of the')
    expect(error.message).toContain('the table has no column nay. Did you mean "day"?')
  })

  test('a tombstone has no value to compute its key of, so it goes to the policy', async () => {
    const table = await db.newTable('id text PRIMARY KEY, n int')
    const driver = new TestDriver()
    const app = new Application({ id: 'tombs', broker: driver.options.broker })
    const topic = app.topic('rows', {
      key: string(),
      keyColumn: 'id',
      value: json(schema({ n: t.int32() })),
      create: { partitions: 1 },
    })
    app
      .dataframe(topic)
      .sink(cassandra(db.client).table(table, { columns: { id: c => c.id.upper() } }))
    await driver.feed(topic, [
      { key: 'a', value: { id: 'a', n: 1 } },
      { key: 'a', value: null },
    ])
    await expect(app.run({ until: 'end' })).rejects.toThrow(
      /its key does not hold the primary key of the table/,
    )
  })
})

const Event = schema({
  id: t.string(),
  kind: t.string().nullable(),
  amount: t.float64().nullable(),
  why: t.string().nullable(),
})
type Event = typeof Event.row
const EVENTS: Event[] = [
  { id: 'a', kind: 'order', amount: 1.5, why: null },
  { id: 'b', kind: 'refund', amount: null, why: 'broken' },
  { id: 'c', kind: 'ordre', amount: 1, why: null },
  { id: 'd', kind: null, amount: 1, why: null },
  { id: 'e', kind: 'order', amount: 2, why: 'gift' },
  { id: 'f', kind: 'refund', amount: 1e300, why: 'late' },
]

/** What both tables show. */
testSink(
  { describe, test, expect },
  async () => {
    const first = await db.newTable('id text PRIMARY KEY, n int, note text')
    const second = await db.newTable('id text PRIMARY KEY, n int')
    const idsOf = async (table: string): Promise<string[]> => {
      const rows = await rowsOf(db.client, `SELECT id, writetime(n) AS at FROM ${table}`)
      const named = rows.map(({ id, at }) => ({ id: String(id), at: Number(at) }))
      return named.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
    }
    return {
      definition: cassandra(db.client).tables({
        first: { table: first, tombstones: 'ignore' },
        second: { table: second, tombstones: 'ignore', skip: ['note'] },
      }),
      visible: async () => {
        const ids = await idsOf(first)
        expect(await idsOf(second)).toEqual(ids)
        return ids
      },
    }
  },
  { isTwoPhase: false },
)

describe('several tables', () => {
  async function two(orders: string, refunds: string) {
    return { orders: await db.newTable(orders), refunds: await db.newTable(refunds) }
  }
  const ids = async (table: string): Promise<unknown[]> =>
    (await rowsOf(db.client, `SELECT id FROM ${table}`)).map(({ id }) => id).sort()

  test('each record goes to the one that a column chooses, with what is computed for it alone', async () => {
    const { orders, refunds } = await two(
      'id text PRIMARY KEY, cents bigint, why text',
      'id text PRIMARY KEY, reason text',
    )
    const driver = new TestDriver()
    const app = new Application({ id: 'several', broker: driver.options.broker })
    const topic = app.topic('events', { value: json(Event), create: { partitions: 1 } })
    const dead = app.topic('dead', { create: { partitions: 1 } })
    const sink = cassandra(db.client).tables<Event>(
      {
        order: {
          table: orders,
          // Of the refund "f" it cannot be computed, nor is it.
          columns: { cents: c => c.amount.mul(100).as(t.int64()) },
        },
        refund: { table: refunds, columns: { reason: c => c.why.upper() } },
      },
      { choose: 'kind' },
    )
    app.dataframe(topic).sink(sink, { onError: deadLetter(dead) })
    await driver.feed(
      topic,
      EVENTS.map((value, i) => ({ value, timestamp: NOW + i })),
    )
    await app.run({ until: 'end' })
    expect(await rowsOf(db.client, `SELECT id, why FROM ${orders} WHERE id = 'e'`)).toEqual([
      { id: 'e', why: 'gift' },
    ])
    expect(await ids(orders)).toEqual(['a', 'e'])
    expect(await rowsOf(db.client, `SELECT id, reason FROM ${refunds}`)).toEqual(
      expect.arrayContaining([
        { id: 'b', reason: 'BROKEN' },
        { id: 'f', reason: 'LATE' },
      ]),
    )
    const letters = await driver.read(dead)
    expect(letters.map(({ headers }) => deadLetterInfo(headers)?.message)).toEqual([
      expect.stringContaining(
        'the record is for table "ordre", which is none of order, refund. Did you mean "order"?',
      ),
      expect.stringContaining('the record is for table null, which is none of order, refund.'),
    ])
  })

  test('or that an expression chooses', async () => {
    const { orders, refunds } = await two('id text PRIMARY KEY', 'id text PRIMARY KEY')
    const { app, frame } = framed(EVENTS, Event)
    frame.sink(
      cassandra(db.client).tables(
        {
          big: { table: orders, skip: ['kind', 'why', 'amount'] },
          small: { table: refunds, skip: ['kind', 'why', 'amount'] },
        },
        { choose: c => when(c.amount.gt(1)).then('big').otherwise('small') },
      ),
    )
    await app.run({ until: 'end' })
    expect(await ids(orders)).toEqual(['a', 'e', 'f'])
    expect(await ids(refunds)).toEqual(['b', 'c', 'd'])
  })

  test('without a choice a record goes to all of them, or to none', async () => {
    const { orders, refunds } = await two(
      'id text PRIMARY KEY, kind text, amount double, why text',
      'kind text, id text, PRIMARY KEY (kind, id)',
    )
    const { app, frame } = framed(EVENTS, Event)
    const sink = cassandra(db.client).tables({
      byId: { table: orders },
      byKind: { table: refunds },
    })
    frame.sink(sink, { onError: skip() })
    await app.run({ until: 'end' })
    expect(await ids(orders)).toEqual(['a', 'b', 'c', 'e', 'f'])
    expect(await ids(refunds)).toEqual(['a', 'b', 'c', 'e', 'f'])
  })

  test('a tombstone deletes the row of its key in all of them', async () => {
    const { orders, refunds } = await two(
      'id text PRIMARY KEY, kind text',
      'id text PRIMARY KEY, kind text',
    )
    const driver = new TestDriver()
    const app = new Application({ id: 'tombs', broker: driver.options.broker })
    const topic = app.topic('rows', {
      key: string(),
      keyColumn: 'id',
      value: json(schema({ kind: t.string() })),
      create: { partitions: 1 },
    })
    app
      .dataframe(topic)
      .sink(
        cassandra(db.client).tables(
          { order: { table: orders }, refund: { table: refunds } },
          { choose: 'kind' },
        ),
      )
    const put = (id: string, kind: string) => ({ key: id, value: { id, kind }, timestamp: NOW })
    await driver.feed(topic, [
      put('a', 'order'),
      put('b', 'order'),
      put('c', 'refund'),
      put('d', 'refund'),
      { key: 'a', value: null, timestamp: NOW },
      { key: 'c', value: null, timestamp: NOW },
    ])
    await app.run({ until: 'end' })
    expect(await ids(orders)).toEqual(['b'])
    expect(await ids(refunds)).toEqual(['d'])
  })

  test('everything that does not fit in any of them is told at once', async () => {
    const { orders, refunds } = await two('id uuid PRIMARY KEY, amount text', 'id int PRIMARY KEY')
    const run = async (tables: Readonly<Record<string, { table: string }>>) => {
      const { app, frame } = framed(EVENTS, Event)
      frame.sink(cassandra(db.client).tables<Event>(tables, { choose: 'kind' }))
      return app.run({ until: 'end' }).catch(each => each)
    }
    const error = await run({
      order: { table: orders },
      refund: { table: refunds },
      third: { table: `${db.ks}.nowhere` },
    })
    expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
    expect(error.message).toContain(`table ${orders}:\n  - column "amount" of the frame is float64`)
    expect(error.message).toContain(`table ${refunds}:\n  - column "id" of the frame is string`)
    expect(error.message).toContain(
      `table ${db.ks}.nowhere:\n  - there is no table ${db.ks}.nowhere`,
    )
    const all = await run({ order: { table: orders }, refund: { table: refunds } })
    expect(all.message).toContain(
      'no table has a column for column "why" (string?) of the frame. Add it to one, or say',
    )
    const { frame } = framed([{ id: 'a', kind: 1 }], schema({ id: t.string(), kind: t.int32() }))
    expect(() =>
      frame.sink(cassandra(db.client).tables({ order: { table: orders } }, { choose: 'kind' })),
    ).toThrow('choose gives the name of a table as text (order); column "kind" is int32.')
  })
})
