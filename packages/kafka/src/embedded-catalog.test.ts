import { expect, test } from 'vitest'
import { brokerError } from './broker-errors.ts'
import { EmbeddedCatalog } from './embedded-catalog.ts'
import type { NativeProducer } from './native-client.ts'

function catalog(): EmbeddedCatalog {
  const topics: { name: string; partitions: object[] }[] = []
  const client = {
    getMetadata({ topic }: { topic?: string }, done: (error: null, metadata: object) => void) {
      if (topic !== undefined) topics.push({ name: topic, partitions: [{}, {}, {}, {}] })
      done(null, { brokers: [], topics })
    },
  }
  return new EmbeddedCatalog(client as unknown as NativeProducer, brokerError)
}

test('a topic is there once it was created, and not by being asked for', async () => {
  const topics = catalog()
  const spec = { name: 'shop', replicationFactor: 1, config: {} }
  expect(await topics.describe(['shop'])).toEqual(new Map([['shop', null]]))
  expect(await topics.describe(['shop'])).toEqual(new Map([['shop', null]]))
  await topics.create({ ...spec, partitionCount: 4 })
  expect((await topics.describe(['shop'])).get('shop')?.partitionCount).toBe(4)
})

test('another partition count is refused before anything is made', async () => {
  const topics = catalog()
  const spec = { name: 'shop', partitionCount: 3, replicationFactor: 1, config: {} }
  await expect(topics.create(spec)).rejects.toThrow('TOPIC_MISCONFIGURED: topic "shop"')
  expect((await topics.describe(['shop'])).get('shop')).toBe(null)
})
