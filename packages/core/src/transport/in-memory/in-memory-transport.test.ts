import { describe, expect, test } from 'vitest'
import type { Transport } from '../transport.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { inMemory } from './in-memory-transport.ts'

function transportOf(broker?: InMemoryBroker): Transport {
  const log = { info: () => {}, warn: () => {} }
  return inMemory(broker).create({ applicationId: 'test', log })
}

const group = {
  groupId: 'g',
  topics: ['a'],
  onAssigned: () => {},
  onRevoked: async () => {},
  onLost: () => {},
  onError: () => {},
}

describe('a transport', () => {
  test('says what it can do', () => {
    const { name, abilities } = transportOf()
    expect(name).toBe('in-memory')
    expect(abilities).toEqual({ transactions: true, durable: false, partitionCountFixed: null })
  })

  test('shares topics with others of its broker, and with no others', async () => {
    const broker = new InMemoryBroker()
    const spec = { name: 'a', partitionCount: 2, replicationFactor: -1, config: {} }
    await transportOf(broker).admin.createTopic(spec)
    const id = expect.stringContaining('/a')
    const expected = { name: 'a', partitionCount: 2, replicationFactor: 1, id }
    const seen = async (transport: Transport) =>
      (await transport.admin.describeTopics(['a'])).get('a')
    expect(await seen(transportOf(broker))).toEqual(expected)
    expect(await seen(transportOf())).toBe(null)
  })

  test('of one factory without a broker, share one', async () => {
    const factory = inMemory()
    const context = { applicationId: 'x', log: { info: () => {}, warn: () => {} } }
    const spec = { name: 'a', partitionCount: 1, replicationFactor: -1, config: {} }
    await factory.create(context).admin.createTopic(spec)
    const described = await factory.create(context).admin.describeTopics(['a'])
    expect(described.get('a')?.partitionCount).toBe(1)
  })

  test('closes what was created from it', async () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a')
    broker.append('a', 0, [{ value: 'x' }])
    const transport = transportOf(broker)
    await transport.joinGroup(group)
    const fetcher = await transport.createFetcher({ bufferBytesMax: 100, batchRecordsMax: 10 })
    fetcher.add({ topic: 'a', partition: 0 }, 0)
    await transport.close()
    await transport.close()
    expect(broker.members('g')).toEqual([])
    expect(await fetcher.poll(1_000)).toBe(null)
  })
})

describe('while connections are broken', () => {
  const unreachable = { code: 'BROKER_UNREACHABLE', retriable: true }

  test('every call fails at once, and works again when healed', async () => {
    const broker = new InMemoryBroker()
    broker.createTopic('a')
    const transport = transportOf(broker)
    const member = await transport.joinGroup(group)
    const partition = { topic: 'a', partition: 0 }
    await expect
      .poll(() => broker.assignment('g').get(broker.members('g')[0] ?? ''))
      .toEqual([partition])
    const commit = { ...partition, offset: 1, metadata: '' }
    const calls = [
      () => transport.open(),
      () => transport.admin.describeTopics(['a']),
      () => transport.admin.offsets(partition),
      () => transport.joinGroup({ ...group, groupId: 'other' }),
      () => member.committed([partition]),
      () => member.commit([commit]),
    ]
    broker.breakConnections()
    for (const call of calls) await expect(call()).rejects.toMatchObject(unreachable)
    expect(broker.committed('g', partition)).toBe(null)
    broker.heal()
    for (const call of calls) await call()
    expect(await member.committed([partition])).toEqual([commit])
    await transport.close()
  })
})
