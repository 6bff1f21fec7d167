import { expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import { InMemoryBroker } from './in-memory/in-memory-broker.ts'
import { inMemory } from './in-memory/in-memory-transport.ts'
import { overlayTransport } from './overlay-transport.ts'
import { plainRecord } from './plain-record.ts'
import { RawRecordsBuilder } from './raw-records-builder.ts'

function setUp() {
  const clock = new ManualClock()
  const above = new InMemoryBroker({ clock })
  const below = new InMemoryBroker({ clock })
  const log = { info() {}, warn() {} }
  const context = { applicationId: 'app', log }
  const transport = overlayTransport(
    inMemory(above).create(context),
    inMemory(below).create(context),
    topic => topic.startsWith('own.'),
  )
  return { above, below, clock, transport }
}
const spec = (name: string) => ({ name, partitionCount: 2, replicationFactor: -1, config: {} })
const outgoing = (topic: string, value: string) => {
  const builder = new RawRecordsBuilder()
  builder.append(null, Buffer.from(value), 1)
  return { ...builder.build(), topic, partitions: Int32Array.of(1) }
}

test('keeps its own topics above and leaves the broker below as it was', async () => {
  const { above, below, transport } = setUp()
  below.createTopic('in', 3)
  await transport.open()
  await transport.admin.createTopic(spec('own.x'))
  expect([above.partitionCount('own.x'), below.partitionCount('own.x')]).toEqual([2, null])
  const described = await transport.admin.describeTopics(['in', 'own.x', 'own.y', 'other'])
  const counts = [...described].map(([name, topic]) => [name, topic?.partitionCount ?? null])
  expect(Object.fromEntries(counts)).toEqual({ in: 3, 'own.x': 2, 'own.y': null, other: null })

  const producer = await transport.createProducer()
  await producer.write(outgoing('own.x', 'internal'))
  await producer.flush()
  expect(above.read('own.x')).toHaveLength(1)
  expect(await transport.admin.offsets({ topic: 'own.x', partition: 1 })).toMatchObject({
    latest: 1,
  })
  await transport.close()
})

test('reads both, what is above first', async () => {
  const { below, transport } = setUp()
  below.createTopic('in')
  below.append('in', 0, [{ value: 'from below' }])
  await transport.open()
  await transport.admin.createTopic(spec('own.x'))
  const producer = await transport.createProducer()
  await producer.write(outgoing('own.x', 'from above'))
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1e6, batchRecordsMax: 10 })
  fetcher.add({ topic: 'in', partition: 0 }, 0)
  fetcher.add({ topic: 'own.x', partition: 1 }, 0)
  const values: string[] = []
  for (let i = 0; i < 2; i++) {
    const raw = await fetcher.poll(0)
    if (raw !== null) values.push(`${plainRecord(raw, 0).value}`)
  }
  expect(values).toEqual(['from above', 'from below'])
  expect(await fetcher.poll(0)).toBe(null)
  expect(fetcher.progress({ topic: 'own.x', partition: 1 })).toMatchObject({ position: 1 })
  fetcher.remove({ topic: 'in', partition: 0 })
  expect(fetcher.progress({ topic: 'in', partition: 0 })).toBe(null)
  await fetcher.close()
  await transport.close()
})

test('a failed delivery on either side fails the flush', async () => {
  for (const topic of ['own.x', 'out']) {
    const { above, below, transport } = setUp()
    above.createTopic('own.x', 2)
    below.createTopic('out', 2)
    await transport.open()
    const producer = await transport.createProducer()
    ;(topic === 'out' ? below : above).failNextDelivery(topic)
    await producer.write(outgoing(topic, 'lost'))
    await expect(producer.flush()).rejects.toMatchObject({ code: 'DELIVERY_FAILED' })
    await transport.close()
  }
})

test('waits below for a moment only, as something may come above meanwhile', async () => {
  const { clock, transport } = setUp()
  await transport.open()
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1e6, batchRecordsMax: 10 })
  const polled = fetcher.poll(60_000)
  await clock.advance(10)
  expect(await polled).toBe(null)
  await transport.close()
})

test('joins no group and has no transactions', async () => {
  const { transport } = setUp()
  expect(transport.abilities.transactions).toBe(false)
  const group = { groupId: 'g', topics: [], onAssigned() {}, onLost() {}, onError() {} }
  const joined = transport.joinGroup({ ...group, onRevoked: async () => {} })
  await expect(joined).rejects.toThrow('joins no group')
})
