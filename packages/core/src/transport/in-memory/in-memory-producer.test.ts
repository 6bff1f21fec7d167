import { expect, test } from 'vitest'
import type { OutgoingRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { InMemoryProducer } from './in-memory-producer.ts'

function outgoing(topic: string, keys: (string | null)[]): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (const key of keys) builder.append(key === null ? null : Buffer.from(key), null, 0)
  return { ...builder.build(), topic, partitions: null }
}

function setUp() {
  const broker = new InMemoryBroker()
  broker.createTopic('a', 3)
  return { broker, producer: new InMemoryProducer(broker, broker.connect('test')) }
}

test('null keys go to the partitions in turn, over writes', () => {
  const { broker, producer } = setUp()
  producer.write(outgoing('a', [null, null]))
  producer.write(outgoing('a', [null, null]))
  expect([0, 1, 2].map(partition => broker.read('a', partition).length)).toEqual([2, 1, 1])
})

test('a record is there when write returns, and flush resolves', async () => {
  const { broker, producer } = setUp()
  expect(producer.write(outgoing('a', ['k']))).toBe(undefined)
  expect(broker.read('a').map(({ key }) => String(key))).toEqual(['k'])
  await producer.flush()
})

test('a delivery that fails loses that record alone, and fails one flush', async () => {
  const { broker, producer } = setUp()
  broker.failNextDelivery('a')
  producer.write(outgoing('a', ['lost', 'kept']))
  await expect(producer.flush()).rejects.toMatchObject({
    code: 'DELIVERY_FAILED',
    place: { topic: 'a' },
  })
  expect(broker.read('a').map(({ key }) => String(key))).toEqual(['kept'])
  producer.write(outgoing('a', ['next']))
  await producer.flush()
  expect(broker.read('a').length).toBe(2)
})

test('a missing topic and broken connections fail at flush, with the cause', async () => {
  const { broker, producer } = setUp()
  producer.write(outgoing('missing', ['k']))
  await expect(producer.flush()).rejects.toMatchObject({
    code: 'DELIVERY_FAILED',
    cause: { code: 'TOPIC_MISSING' },
  })
  broker.breakConnections()
  producer.write(outgoing('a', ['k']))
  await expect(producer.flush()).rejects.toMatchObject({
    code: 'DELIVERY_FAILED',
    cause: { code: 'BROKER_UNREACHABLE' },
  })
  expect(broker.read('a')).toEqual([])
})

test('nothing is written after close', async () => {
  const { producer } = setUp()
  await producer.close()
  expect(() => producer.write(outgoing('a', ['k']))).toThrow('INTERNAL')
})
