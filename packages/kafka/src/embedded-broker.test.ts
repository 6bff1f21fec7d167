import { type OutgoingRecords, RawRecordsBuilder, type Transport } from '@millrace/core'
import { testTransport } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { embeddedBroker } from './embedded-broker.ts'
import { kafka } from './kafka.ts'

const broker = embeddedBroker()
testTransport({ describe, test, expect }, () => broker, {
  silenceMs: 300,
  nullHeaderValues: false,
  timestampZero: false,
})

const context = { applicationId: 'shop', log: { info: () => {}, warn: () => {} } }
const topic = 'shop'
const spec = { name: topic, partitionCount: 4, replicationFactor: 1, config: {} }

function records(partition: number, count: number, valueBytes: number): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) builder.append(null, Buffer.alloc(valueBytes, 'x'), 1_000 + i)
  return { ...builder.build(), topic, partitions: new Int32Array(count).fill(partition) }
}

test('its data lives as long as it is used, or kept', async () => {
  const own = embeddedBroker()
  const open = async (): Promise<Transport> => {
    const transport = own.create(context)
    await transport.open()
    return transport
  }
  const first = await open()
  await first.admin.createTopic(spec)
  const second = await open()
  await first.close()
  expect((await second.admin.describeTopics([topic])).get(topic)?.partitionCount).toBe(4)
  const bootstrap = await own.start()
  expect(bootstrap).toMatch(/^127\.0\.0\.1:\d+$/)
  await second.close()
  const third = await open()
  expect((await third.admin.describeTopics([topic])).get(topic)?.partitionCount).toBe(4)
  await third.close()
  await own.close()
  const fourth = await open()
  expect((await fourth.admin.describeTopics([topic])).get(topic)).toBe(null)
  await fourth.close()
})

test('other programs connect to it with the usual settings', async () => {
  const own = embeddedBroker()
  const other = kafka({ 'bootstrap.servers': await own.start() }).create(context)
  await other.open()
  const producer = await other.createProducer()
  await producer.close()
  await other.close()
  await own.close()
})

test.each([
  [1, 1_000],
  [200, 1_000],
  [100_000, 1],
])('stops before anything is dropped: values of %d bytes', async (valueBytes, count) => {
  const own = embeddedBroker()
  const transport = own.create(context)
  await transport.open()
  await transport.admin.createTopic(spec)
  const producer = await transport.createProducer()
  let error: unknown = null
  while (error === null) {
    for (let i = 0; i < 10; i++) await producer.write(records(1, count, valueBytes))
    error = await producer
      .flush()
      .catch((caught: unknown) => caught ?? null)
      .then(e => e ?? null)
  }
  expect(String(error)).toContain('EMBEDDED_BROKER_FULL')
  expect(String(error)).toContain('topic shop/1')
  const { earliest, latest } = await transport.admin.offsets({ topic, partition: 1 })
  expect(earliest).toBe(0)
  expect(latest * valueBytes > 4 * 1024 * 1024 || latest === 100_000).toBe(true)
  await producer.write(records(2, 1, valueBytes))
  await producer.flush()
  await transport.close()
})

test('a reader overtaken by another program is told so', async () => {
  const own = embeddedBroker()
  const transport = own.create(context)
  await transport.open()
  await transport.admin.createTopic(spec)
  const other = kafka({ 'bootstrap.servers': await own.start() }).create(context)
  await other.open()
  const producer = await other.createProducer()
  for (let i = 0; i < 7; i++) {
    await producer.write(records(0, 10, 100_000))
    await producer.flush()
  }
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1 << 20, batchRecordsMax: 10 })
  fetcher.add({ topic, partition: 0 }, 0)
  await expect(fetcher.poll(10_000)).rejects.toThrow('EMBEDDED_BROKER_FULL: Records from offset 0')
  await other.close()
  await transport.close()
  await own.close()
})
