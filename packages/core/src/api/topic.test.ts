import { describe, expect, test } from 'vitest'
import { fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { bytes, integer, string } from '../serde/scalars.ts'
import type { SerdePlace } from '../serde/serde.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'
import { type TopicOptions, topicDefinition } from './topic.ts'

const Sale = schema({ shop: t.string(), n: t.int32(), at: t.timestamp(), text: t.string() })

// biome-ignore lint/suspicious/noExplicitAny: wrong options, as JavaScript gives them.
function declare(options: TopicOptions<any, any> = {}, name = 'sales') {
  return topicDefinition(name, { value: json(Sale), ...options }, fail())
}

test('what is not said has its default', () => {
  expect(topicDefinition('sales', {}, skip())).toMatchObject({
    name: 'sales',
    key: null,
    keyColumn: null,
    value: { name: 'json' },
    timestamp: null,
    disorderMs: 0,
    idleMs: 10_000,
    onError: { kind: 'skip' },
    create: null,
  })
  const options = { disorder: '2s', idle: 'never', onError: skip() } as const
  expect(declare(options)).toMatchObject({
    disorderMs: 2000,
    idleMs: Number.POSITIVE_INFINITY,
    onError: skip(),
  })
})

test('a serde that must know its topic is asked for the one of the topic', () => {
  const places: SerdePlace[] = []
  const at = (place: SerdePlace) => {
    places.push(place)
    return { ...json(Sale), name: 'bound' }
  }
  const keyAt = (place: SerdePlace) => {
    places.push(place)
    return { ...string(), name: 'bound key' }
  }
  const { key, value } = declare({ value: { ...json(Sale), at }, key: { ...string(), at: keyAt } })
  expect([key?.name, value.name]).toEqual(['bound key', 'bound'])
  expect(places).toEqual([
    { topic: 'sales', part: 'key' },
    { topic: 'sales', part: 'value' },
  ])
})

describe('refused, with what would be right', () => {
  test.each([
    ['', 'a topic name is 1 to 249 letters'],
    ['a b', 'got "a b"'],
    ['..', 'got ".."'],
    ['x'.repeat(250), 'INVALID_ARGUMENT'],
  ])('the name %j', (name, text) => {
    expect(() => declare({}, name)).toThrow(text)
  })

  test.each([
    [{ keyColumn: 'shop' }, 'INVALID_ARGUMENT: topic "sales" has a keyColumn and no key serde.'],
    [
      { key: integer(), keyColumn: 'shop' },
      'SCHEMA_MISMATCH: keyColumn "shop" is string in the value and int32 in the key.',
    ],
    [{ create: { partitions: 0 } }, 'create.partitions must be a whole number > 0; got 0.'],
    [{ create: { partitions: 1.5 } }, 'got 1.5.'],
    [{ disorder: '2 sec' as never }, 'INVALID_ARGUMENT: disorder must be whole milliseconds'],
    [{ idle: -1 }, 'INVALID_ARGUMENT: idle must be whole milliseconds'],
    [{ value: 'json' as never }, 'topic "sales" needs a serde as value, for example json(); got'],
    [{ key: String as never }, 'topic "sales" needs a serde as key, for example string(); got'],
  ])('%j', (options, text) => {
    expect(() => declare(options)).toThrow(text)
  })
})

describe('event time', () => {
  test('is a column or an expression, of the value or the key', () => {
    expect(declare({ timestamp: 'at' }).timestamp).toMatchObject({ kind: 'column', name: 'at' })
    const seconds = declare({ timestamp: c => c['n']!.mul(1000) }).timestamp
    expect(seconds).toMatchObject({ kind: 'call', name: 'mul' })
    const byKey = declare({ key: integer(), keyColumn: 'hour', timestamp: 'hour' }).timestamp
    expect(byKey).toMatchObject({ kind: 'column', name: 'hour' })
  })

  test('is refused where it is no time', () => {
    expect(() => declare({ timestamp: 'att' })).toThrow('Did you mean "at"?')
    expect(() => declare({ timestamp: 'text' })).toThrow(
      'TYPE_MISMATCH: event time must be a timestamp or epoch milliseconds; got type string.',
    )
    expect(() => declare({ timestamp: (() => 5) as never })).toThrow(
      'timestamp takes a column name or a callback such as c => c.ts.mul(1000)',
    )
  })
})

test('a key column that the value has not is a column of the rows', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'keyed', ...driver.options })
  const Value = schema({ n: t.int32() })
  const topic = app.topic('keyed', { key: string(), keyColumn: 'shop', value: json(Value) })
  await driver.feed(topic, [{ key: 'a', value: { n: 1 } as never }])
  const frame = app.dataframe(topic)
  expect(`${frame.schema}`).toBe('{shop: string, n: int32}')
  expect(await frame.collect()).toEqual([{ shop: 'a', n: 1 }])
})

test('a key column that differs from the key is found when it is read', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'keyed', ...driver.options })
  const Value = schema({ shop: t.string() })
  const topic = app.topic('keyed', { key: string(), keyColumn: 'shop', value: json(Value) })
  await driver.feed(topic, [{ key: 'b', value: { shop: 'a' } }])
  await expect(app.dataframe(topic).collect()).rejects.toThrow('KEY_MISMATCH')
})

test('keys without a serde are bytes that pass', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'pass', ...driver.options })
  const [from, to] = [app.topic('from'), app.topic('to', { key: bytes() })]
  app.dataframe(from).toTopic(to)
  await driver.start(app)
  await driver.feed(from, [{ key: new Uint8Array([1, 255]), value: { n: 1 } }])
  expect(await driver.read(to)).toMatchObject([{ key: Buffer.from([1, 255]) }])
  await driver.stop()
})
