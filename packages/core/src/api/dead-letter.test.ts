import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'
import { deadLetter } from './dead-letter.ts'

const Order = schema({ n: t.int32() })
const create = { partitions: 3 }

function setUp(onError = deadLetter('dead')) {
  const driver = new TestDriver()
  const app = new Application({ id: 'shop', ...driver.options })
  const orders = app.topic('orders', { value: json(Order), onError })
  return { driver, app, orders, frame: app.dataframe(orders) }
}

describe('deadLetter', () => {
  test('takes a topic, as it is declared, or a name', () => {
    const { app } = setUp()
    const topic = { name: 'dead', create }
    expect(deadLetter(app.topic('dead', { create }))).toEqual({ kind: 'dead-letter', topic })
    expect(deadLetter('dead', { create })).toEqual({ kind: 'dead-letter', topic })
    expect(deadLetter('dead')).toMatchObject({ topic: { create: null } })
  })

  test.each([
    [
      () => deadLetter(undefined as never),
      "deadLetter needs a topic, app.topic('orders-dead'), or its name; got undefined",
    ],
    [
      () => deadLetter('no spaces'),
      'a topic name is 1 to 249 letters, digits, dots, underscores or hyphens; got "no spaces"',
    ],
    [
      () => deadLetter('dead', { create: { partitions: 0 } }),
      'create.partitions must be a whole number > 0; got 0',
    ],
    [
      () => (deadLetter as (...given: unknown[]) => unknown)(setUp().orders, { create }),
      'deadLetter takes { create } with a name only',
    ],
  ])('refuses %s', (call, text) => {
    expect(call).toThrow(`INVALID_ARGUMENT: ${text}`)
  })
})

describe('the plan', () => {
  test('says where the dead letters of topics and steps go', () => {
    const { app, frame } = setUp()
    frame.tap(() => {}, { onError: deadLetter('other') }).toTopic(app.topic('out'))
    expect(app.explain()).toContain('reads every column, on error dead letter to dead')
    expect(app.explain()).toContain('tap#1: function, on error dead letter to other')
  })

  test('that reads its own dead letters is refused at the line of the output', () => {
    const { app, frame } = setUp(deadLetter('orders'))
    expect(() => frame.toTopic(app.topic('out'))).toThrow('INVALID_PLAN: the application reads')
    const second = setUp()
    second.frame.toTopic(second.app.topic('out'))
    const dead = second.app.dataframe(second.app.topic('dead'))
    expect(() => dead.toTopic(second.app.topic('orders'))).toThrow(
      'writes its dead letters there, so a record that fails would come back for ever',
    )
  })
})

describe('at the start', () => {
  test('a missing topic is an error, unless it says how it is created', async () => {
    const { driver, app, frame } = setUp()
    driver.broker.createTopic('orders', 1)
    frame.toTopic(app.topic('out', { create }))
    await expect(app.run({ until: 'end' })).rejects.toThrow('TOPIC_MISSING: topic "dead"')
    const other = setUp(deadLetter('dead', { create }))
    other.driver.broker.createTopic('orders', 1)
    other.frame.toTopic(other.app.topic('out', { create }))
    await other.app.run({ until: 'end' })
    const described = await other.driver.options.broker
      .create({ applicationId: 'x', log: other.driver.options.log })
      .admin.describeTopics(['dead'])
    expect(described.get('dead')?.partitionCount).toBe(3)
  })

  test('collect needs no topic, as it writes no letters', async () => {
    const { driver, frame } = setUp()
    driver.broker.createTopic('orders', 1)
    driver.broker.append('orders', 0, [
      { value: Buffer.from('?') },
      { value: Buffer.from('{"n":1}') },
    ])
    expect(await frame.collect()).toEqual([{ n: 1 }])
  })
})
