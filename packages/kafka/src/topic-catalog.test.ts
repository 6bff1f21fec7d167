import { expect, test } from 'vitest'
import { brokerError } from './broker-errors.ts'
import type { NativeAdmin, NativeTopic } from './native-client.ts'
import { BrokerCatalog } from './topic-catalog.ts'

const failure = (code: number): Error & { code: number } =>
  Object.assign(new Error(`code ${code}`), { code })

function catalog(topics: readonly NativeTopic[], onCreate: Error | null = null): BrokerCatalog {
  const admin = {
    describeTopics: (_: unknown, __: unknown, done: (e: null, t: unknown) => void) =>
      done(null, topics),
    createTopic: (_: unknown, __: unknown, done: (e: Error | null) => void) => done(onCreate),
  }
  return new BrokerCatalog(admin as unknown as NativeAdmin, brokerError)
}

const SPEC = { name: 'shop', partitionCount: 2, replicationFactor: 3, config: {} }

test('tells partitions and replicas; a topic that is not there is null', async () => {
  const partition = (n: number) => ({ partition: n, leader: {}, replicas: [1, 2, 3] })
  const found = await catalog([
    { name: 'shop', topicId: { base64: 'id' }, partitions: [partition(0), partition(1)] },
    { name: 'nope', error: failure(3), partitions: [] },
    { name: 'new', partitions: [{ partition: 0, replicas: [] }] },
  ]).describe(['shop', 'nope', 'new'])
  expect(found.get('shop')).toEqual({
    topicId: 'id',
    partitionCount: 2,
    replicationFactor: 3,
    isReady: true,
  })
  expect(found.get('nope')).toBe(null)
  expect(found.get('new')?.isReady).toBe(false)
})

test('a topic that may not be seen is BROKER_REFUSED, not missing', async () => {
  const refused = catalog([{ name: 'shop', error: failure(29), partitions: [] }])
  await expect(refused.describe(['shop'])).rejects.toThrow('BROKER_REFUSED')
})

test('creating says false when it is there, and what the broker did not like', async () => {
  expect(await catalog([]).create(SPEC)).toBe(true)
  expect(await catalog([], failure(36)).create(SPEC)).toBe(false)
  await expect(catalog([], failure(38)).create(SPEC)).rejects.toThrow(
    'TOPIC_MISCONFIGURED: topic "shop" was not created with 2 partitions, replication factor 3',
  )
  await expect(catalog([], failure(31)).create(SPEC)).rejects.toThrow('BROKER_REFUSED')
})
