/**
 * Dead letters from outside: what a user finds in the topic for each place where a record can
 * fail.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { ApplicationOptions } from '../api/application-options.ts'
import { deadLetter } from '../api/dead-letter.ts'
import { fail, skip } from '../record/error-policy.ts'
import { deadLetterInfo } from '../record/format/dead-letter-headers.ts'
import type { Header, Headers } from '../record/headers.ts'
import { t } from '../schema/data-type.ts'
import { type RowOf, schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { bytes, string } from '../serde/scalars.ts'
import { fromArray } from '../source/array-source.ts'
import { tumbling } from '../window/window.ts'
import type { RecordToFeed } from './driver-topic.ts'
import { TestDriver } from './test-driver.ts'

const Order = schema({ shop: t.string(), amount: t.float64(), n: t.int64() })
type Order = RowOf<typeof Order>
const HUGE = 2n ** 62n

const good = (shop: string, timestamp: number, n = 1n): RecordToFeed<Order> => ({
  value: { shop, amount: 5, n },
  timestamp,
})
const bad = (text: string, timestamp = 0): RecordToFeed<Order> => ({
  key: 'k',
  value: Buffer.from(text),
  timestamp,
  partition: 1,
  headers: { tenant: 'acme' },
})

/** An application with a topic of orders and one for its dead letters. */
function setUp(options: Partial<ApplicationOptions> = {}) {
  const driver = new TestDriver({ partitions: 2 })
  const app = new Application({ id: 'shop', ...driver.options, ...options })
  const dead = app.topic('orders-dead')
  const policy = deadLetter(dead)
  const orders = app.topic('orders', { value: json(Order), onError: policy })
  const out = app.topic('out')
  /** The dead letters there are, as text with what they say of themselves. */
  const letters = () =>
    driver.broker.read('orders-dead').map(({ key, value, timestamp, headers }) => ({
      key: key?.toString() ?? null,
      value: value?.toString() ?? null,
      timestamp,
      own: ownHeaders(headers),
      info: deadLetterInfo(headers),
    }))
  return { driver, app, orders, dead, policy, out, letters }
}

const isOwn = ({ name }: Header): boolean => !name.startsWith('millrace.error.')

const ownHeaders = (headers: Headers): Record<string, string | undefined> =>
  Object.fromEntries(
    headers
      .filter(isOwn)
      .map(({ name, value }) => [name, value === null ? undefined : Buffer.from(value).toString()]),
  )

const counters = (app: Application, name: string): number =>
  app.status().tasks.reduce((total, task) => total + (task.counters[name] ?? 0), 0)

describe('a dead letter is the record as it was read', () => {
  test('where it cannot be decoded', async () => {
    const { driver, app, orders, out, letters } = setUp()
    app.dataframe(orders).toTopic(out)
    await driver.start(app)
    await driver.feed(orders, [bad('{"shop":"a"}', 1_234), good('b', 0)])
    expect(letters()).toEqual([
      {
        key: 'k',
        value: '{"shop":"a"}',
        timestamp: 1_234,
        own: { tenant: 'acme' },
        info: {
          application: 'shop',
          code: 'DECODE_FAILED',
          message: expect.stringContaining('expected'),
          step: null,
          topic: 'orders',
          partition: 1,
          offset: 0,
          field: 'amount',
        },
      },
    ])
    expect(await driver.read(out)).toHaveLength(1)
    expect(counters(app, 'records_dead_lettered')).toBe(1)
    expect(counters(app, 'records_skipped')).toBe(0)
    await driver.stop()
  })

  test('where a function throws behind steps that changed all of it', async () => {
    const { driver, app, orders, out, policy, letters } = setUp()
    app
      .dataframe(orders)
      .flatMap(row => (row.shop === 'none' ? [] : [1, 2].map(half => ({ ...row, half }))))
      .where(c => c.half.eq(2))
      .flatMap(row => [row])
      .withKey('shop', { serde: string() })
      .withTimestamp(c => c.half)
      .withHeaders(() => ({ other: 'x' }))
      .map(
        row => {
          if (row.shop === 'bad') throw new RangeError('no such shop')
          return row
        },
        { onError: policy },
      )
      .toTopic(out)
    const text = '{ "shop":"bad", "amount":1.50, "n":"7", "more":[] }'
    await driver.start(app)
    const none = { ...good('none', 0), partition: 1 }
    const fed = [none, none, bad(text, 99), none, { ...bad(text, 100), key: null }, good('a', 0)]
    await driver.feed(orders, fed)
    expect(letters().sort((a, b) => a.timestamp - b.timestamp)).toMatchObject([
      {
        key: 'k',
        value: text,
        timestamp: 99,
        own: { tenant: 'acme' },
        info: { code: 'FUNCTION_FAILED', step: 'map#7', topic: 'orders', partition: 1, offset: 2 },
      },
      { key: null, value: text, timestamp: 100, info: { offset: 4 } },
    ])
    expect(letters()[0]?.info?.message).toContain('RangeError: no such shop')
    expect(await driver.read(out)).toHaveLength(1)
    await driver.stop()
  })

  test('whatever its bytes are', async () => {
    const record = fc.record({
      key: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null }),
      value: fc.uint8Array({ maxLength: 60 }),
      timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
      headers: fc.array(
        fc.record({
          name: fc.string({ unit: 'grapheme', maxLength: 8 }),
          value: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: null }),
        }),
        { maxLength: 3 },
      ),
    })
    const plain = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value))
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async records => {
        const { driver, app, orders, out } = setUp()
        app.dataframe(orders).toTopic(out)
        await driver.start(app)
        // Two bytes in front, so that nothing of it is JSON.
        const values = records.map(({ value }) => Buffer.concat([Buffer.from('{]'), value]))
        const fed = records.map((each, i) => ({ ...each, value: values[i], partition: 0 }))
        await driver.feed(orders, fed as RecordToFeed<Order>[])
        const got = driver.broker.read('orders-dead').map(letter => ({
          at: deadLetterInfo(letter.headers)?.offset as number,
          key: letter.key,
          value: letter.value,
          timestamp: letter.timestamp,
          headers: letter.headers.filter(isOwn).map(({ name, value }) => [name, plain(value)]),
        }))
        expect(got.sort((a, b) => a.at - b.at)).toEqual(
          records.map(({ key, timestamp, headers }, at) => ({
            at,
            key: plain(key),
            value: values[at],
            timestamp,
            headers: headers.map(({ name, value }) => [name, plain(value)]),
          })),
        )
        await driver.stop()
      }),
      { numRuns: 40 },
    )
  })
})

test('which letters there are does not depend on batches, nor on the rules', async () => {
  const kinds = {
    fine: '{"shop":"a","amount":1,"n":1}',
    broken: '{"shop":',
    refused: '{"shop":"bad","amount":1,"n":1}',
    odd: '{"shop":"odd","amount":1,"n":1}',
    huge: `{"shop":"a","amount":1,"n":${2n ** 62n}}`,
  }
  const run = async (texts: readonly string[], batchRecordsMax: number, rules: boolean) => {
    const { driver, app, orders, out, policy, letters } = setUp({ batchRecordsMax })
    const frame = app
      .dataframe(orders)
      .where(c => c.shop.ne('odd'))
      .withColumns(c => ({ doubled: c.n.mul(2) }), { onError: policy })
      .withColumns(c => ({ again: c.doubled.add(1) }), { onError: policy })
    const refuse = (row: { shop: string }) => {
      if (row.shop === 'bad') throw new Error('no')
    }
    frame.tap(refuse, { onError: policy }).toTopic(out)
    frame.where(c => c.again.gt(0)).toTopic(app.topic('other'))
    await driver.start(app, { rules })
    await driver.feed(
      orders,
      texts.map((text, i) => ({ ...bad(text), key: `k${i}`, partition: i % 2 })),
    )
    await driver.stop()
    return letters()
      .map(letter => JSON.stringify(letter))
      .sort()
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.values(kinds)), { minLength: 1, maxLength: 30 }),
      async texts => {
        const whole = await run(texts, 1024, true)
        const failing = texts.filter(text => text !== kinds.fine && text !== kinds.odd)
        expect(whole).toHaveLength(failing.length)
        for (const size of [1, 7]) expect(await run(texts, size, true)).toEqual(whole)
        expect(await run(texts, 7, false)).toEqual(whole)
      },
    ),
    { numRuns: 15 },
  )
})

describe('a dead letter is a row in JSON', () => {
  test('behind a repartition topic, with the position there', async () => {
    const { driver, app, orders, out, policy, letters } = setUp()
    app
      .dataframe(orders)
      .groupBy('shop', { name: 'by-shop' })
      .window(tumbling('10s'), { onError: policy })
      .agg(c => ({ total: sum(c.n.as(t.int32())) }))
      .final()
      .toTopic(out)
    await driver.start(app)
    await driver.feed(orders, [{ ...good('a', 1_000, HUGE), headers: { tenant: 'acme' } }])
    await driver.advance('2s')
    const topic = 'shop.by-shop.repartition'
    // Records without a key tell of time.
    const row = driver.broker.read(topic).find(({ key }) => key !== null)
    expect(letters()).toMatchObject([
      {
        key: 'a',
        timestamp: 1_000,
        own: { tenant: 'acme' },
        info: { topic, offset: row?.offset },
      },
    ])
    expect(JSON.parse(letters()[0]?.value as string)).toEqual({ shop: 'a', n: Number(HUGE) })
    await driver.stop()
  })

  test('behind a window, without a position', async () => {
    const { driver, app, orders, out, policy, letters } = setUp()
    app
      .dataframe(orders)
      .groupBy('shop')
      .window(tumbling('10s'))
      .agg(() => ({ orders: count() }))
      .final()
      .tap(
        () => {
          throw new Error('no')
        },
        { onError: policy },
      )
      .toTopic(out)
    await driver.start(app)
    await driver.feed(orders, [good('a', 1_000), good('a', 2_000)])
    await driver.advance('1m')
    expect(letters()).toEqual([
      {
        key: 'a',
        value: '{"shop":"a","window_start":0,"window_end":10000,"orders":2}',
        timestamp: 2_000,
        own: {},
        info: expect.objectContaining({
          code: 'FUNCTION_FAILED',
          step: 'tap#3',
          topic: null,
          partition: null,
          offset: null,
        }),
      },
    ])
    await driver.stop()
  })

  test('of a source outside Kafka, whatever is in it', async () => {
    const { driver, app, out, policy, letters } = setUp()
    const rows = [{ n: Number.NaN, when: new Date(0), big: 12n }]
    app.dataframe(fromArray(rows)).toTopic(out, { onError: policy })
    await driver.start(app)
    expect(letters()).toMatchObject([{ info: { code: 'ENCODE_FAILED', field: 'n' } }])
    expect(letters()[0]?.value).toBe('{"n":"NaN","when":"1970-01-01T00:00:00.000Z","big":12}')
    await driver.stop()
  })
})

describe('a window whose sum is too large', () => {
  const overflowing = (onError: ReturnType<typeof skip>, parts = setUp()) => {
    const { app, orders, out } = parts
    const windows = app
      .dataframe(orders)
      .groupBy('shop')
      .window(tumbling('10s'), { onError, name: 'sums' })
      .agg(c => ({ total: sum(c.n) }))
      .final()
    windows.toTopic(out)
    return parts
  }
  const records = [good('a', 1_000, HUGE), good('a', 2_000, HUGE), good('b', 1_000, 3n)]

  test('stops the run under fail(), naming window and group', async () => {
    const { driver, app, orders } = overflowing(fail())
    await driver.start(app)
    await driver.feed(orders, records)
    await expect(driver.advance('1m')).rejects.toThrow(
      /OVERFLOW: .* It is the window from 0 to 10000 of group \{"shop":"a"\}\. \(at step agg#2\)/,
    )
    await driver.stop()
  })

  test('is counted and logged under skip(); the others come out', async () => {
    const lines: [object, string][] = []
    const log = {
      debug() {},
      info() {},
      error() {},
      warn: (...line: [object, string]) => lines.push(line),
    }
    const { driver, app, orders, out } = overflowing(skip(), setUp({ log }))
    await driver.start(app)
    await driver.feed(orders, records)
    await driver.advance('1m')
    expect((await driver.read(out)).map(({ value }) => value)).toMatchObject([{ shop: 'b' }])
    expect(counters(app, 'records_skipped')).toBe(1)
    expect(lines).toMatchObject([
      [{ code: 'OVERFLOW', step: 'agg#2' }, expect.stringContaining('group {"shop":"a"}')],
    ])
    await driver.stop()
  })

  test('is a dead letter with its group as key, naming window, group and error', async () => {
    const parts = setUp()
    const { driver, app, orders, out, letters } = overflowing(parts.policy, parts)
    await driver.start(app)
    await driver.feed(orders, records)
    await driver.advance('1m')
    const [letter, ...others] = letters()
    expect(others).toEqual([])
    expect(letter).toMatchObject({ key: 'a', timestamp: 2_000, own: {} })
    expect(JSON.parse(letter?.value as string)).toEqual({
      window: { start: 0, end: 10_000 },
      group: { shop: 'a' },
      error: { code: 'OVERFLOW', message: letter?.info?.message },
    })
    expect(letter?.info).toMatchObject({ code: 'OVERFLOW', step: 'agg#2', offset: null })
    expect(await driver.read(out)).toHaveLength(1)
    await driver.stop()
  })
})

describe('policies', () => {
  test('of the application hold for topics and steps that say nothing', async () => {
    const { driver, app, letters } = setUp({
      onError: deadLetter('orders-dead', { create: { partitions: 1 } }),
    })
    const input = app.topic('input', { value: json(Order) })
    const thrower = (row: { shop: string }) => {
      if (row.shop === 'a') throw new Error('no')
    }
    app.dataframe(input).tap(thrower).toTopic(app.topic('out'))
    await driver.start(app)
    await driver.feed(input, [bad('?'), good('a', 0), good('b', 0)])
    expect(
      letters()
        .map(({ info }) => info?.code)
        .sort(),
    ).toEqual(['DECODE_FAILED', 'FUNCTION_FAILED'])
    await driver.stop()
  })

  test('of the nearest place win', async () => {
    const { driver, app, orders, out, letters } = setUp()
    const thrower = () => {
      throw new Error('no')
    }
    app.dataframe(orders).tap(thrower, { onError: skip() }).toTopic(out)
    await driver.start(app)
    await driver.feed(orders, [good('a', 0)])
    expect(letters()).toEqual([])
    expect(counters(app, 'records_skipped')).toBe(1)
    await driver.stop()
  })

  test('of a run that writes nothing skip instead', async () => {
    const { driver, app, orders, out, letters } = setUp()
    const frame = app.dataframe(orders)
    frame.toTopic(out)
    await driver.start(app)
    await driver.feed(orders, [good('a', 0)])
    await driver.stop()
    driver.broker.append('orders', 0, [{ value: Buffer.from('?') }])
    expect(await frame.collect()).toHaveLength(1)
    expect(letters()).toEqual([])
  })
})

describe('delivery', () => {
  /** A bad and a good record of one epoch, and another epoch in a second run if that one fails. */
  const runTwice = async (failing: string, guarantee: ApplicationOptions['guarantee']) => {
    const parts = setUp(guarantee === undefined ? {} : { guarantee })
    const { driver, app, orders, out } = parts
    app.dataframe(orders).toTopic(out)
    await driver.start(app)
    driver.broker.failNextDelivery(failing)
    await driver.feed(orders, [
      { ...bad('?'), partition: 0 },
      { ...good('a', 0), partition: 0 },
    ])
    await expect(driver.advance('5s')).rejects.toThrow(
      `DELIVERY_FAILED: a record was not written: the test asked for it. The epoch must be repeated. (at topic ${failing})`,
    )
    const before = parts.letters().length
    await driver.start(app)
    await driver.stop()
    return { before, after: parts.letters().length }
  }

  test('of a letter fails its epoch, so nothing is lost', async () => {
    expect(await runTwice('orders-dead', 'at-least-once')).toEqual({ before: 0, after: 1 })
    expect(await runTwice('orders-dead', 'exactly-once')).toEqual({ before: 0, after: 1 })
  })

  test('of a letter is exactly once under that guarantee, else its epoch repeats it', async () => {
    expect(await runTwice('out', 'exactly-once')).toEqual({ before: 0, after: 1 })
    expect(await runTwice('out', 'at-least-once')).toEqual({ before: 1, after: 2 })
  })
})

test('letters can be replayed, and then say what happened last', async () => {
  const { driver, app, orders, out, letters } = setUp()
  app.dataframe(orders).toTopic(out)
  const replay = new Application({ id: 'replay', ...driver.options })
  const dead = replay.topic('orders-dead', { value: bytes(), key: string() })
  await driver.start(app)
  await driver.feed(orders, [bad('?')])
  replay.dataframe(dead).toTopic(replay.topic('orders', { value: bytes() }))
  await driver.start(replay, { until: 'end' })
  await driver.advance('5s')
  expect(
    letters()
      .map(({ info }) => `${info?.partition}/${info?.offset}`)
      .sort(),
  ).toEqual(['0/0', '1/0'])
  expect(new Set(letters().map(({ value, own }) => JSON.stringify({ value, own }))).size).toBe(1)
  const [, again] = driver.broker.read('orders-dead')
  expect(again?.headers.filter(({ name }) => name === 'millrace.error.offset')).toHaveLength(1)
  await driver.stop()
})
