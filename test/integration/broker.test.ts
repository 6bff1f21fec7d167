import { createRequire } from 'node:module'
import { expect, inject, test } from 'vitest'

// The client is the one @millrace/kafka depends on.
const require = createRequire(new URL('../../packages/kafka/package.json', import.meta.url))
const { Producer } = require('@confluentinc/kafka-javascript')

interface Topic {
  readonly name: string
  readonly partitions: readonly unknown[]
}

test('the broker of this run answers the client, and no topic appears by itself', async () => {
  const producer = new Producer({ 'bootstrap.servers': inject('kafka') })
  const metadata = await new Promise<{ brokers: unknown[]; topics: Topic[] }>((resolve, reject) => {
    producer.connect({ topic: 'unknown', timeout: 10_000 }, (error: Error, data: never) =>
      error ? reject(error) : resolve(data),
    )
  })
  expect(metadata.brokers).toHaveLength(1)
  expect(metadata.topics.map(({ name }) => name)).not.toContain('unknown')
  await new Promise(resolve => producer.disconnect(resolve))
})
