import { Application, json } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, withAdmin } from './native-client.ts'
import {
  closeAll,
  fetcherOf,
  newName,
  newTopic,
  open,
  pollError,
  readValues,
  write,
} from './transport-session.ts'

afterEach(closeAll)

const broker = kafka({ 'bootstrap.servers': inject('kafka') })

/** Runs a pipeline until it has seen `count` rows, then stops it in order. */
async function runUntil(id: string, topic: string, count: number): Promise<number[]> {
  const seen: number[] = []
  const stop = new AbortController()
  const app = new Application({ id, broker })
  app
    .dataframe(app.topic(topic, { value: json<{ n: number }>() }))
    .tap(row => {
      seen.push(row.n)
      if (seen.length === count) stop.abort()
    })
    .toTopic(app.topic(`${topic}-out`, { value: json(), create: { partitions: 1 } }))
  await app.run({ signal: stop.signal })
  return seen
}

test('a restarted application goes on at its committed offset, metadata and all', async () => {
  const transport = await open(broker)
  const topic = await newTopic(transport)
  const id = newName('app')
  await write(transport, topic, 0, ['{"n":1}', '{"n":2}', '{"n":3}'])
  expect(await runUntil(id, topic, 3)).toEqual([1, 2, 3])
  await write(transport, topic, 0, ['{"n":4}', '{"n":5}'])
  expect(await runUntil(id, topic, 2)).toEqual([4, 5])
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic: `${topic}-out`, partition: 0 }, 0)
  expect(await readValues(fetcher, 5)).toEqual([1, 2, 3, 4, 5].map(n => `{"n":${n}}`))
})

test('a partition that retention overtakes is found among others that stream', async () => {
  const transport = await open(broker)
  const topic = await newTopic(transport, 2)
  const value = 'x'.repeat(1_000)
  const many = Array.from({ length: 5_000 }, () => value)
  for (const partition of [0, 1]) await write(transport, topic, partition, many)
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1 << 17, batchRecordsMax: 10 })
  for (const partition of [0, 1]) fetcher.add({ topic, partition }, 0)
  await readValues(fetcher, 100)
  await withAdmin(inject('kafka'), admin =>
    call(admin, 'deleteRecords', [{ topic, partition: 1, offset: 4_999 }], { timeout: 5_000 }),
  )
  const error = await pollError(fetcher)
  expect(error.message).toContain('OFFSET_OUT_OF_RANGE: the partition holds offsets 4999 to 5000')
  expect(error.message).toContain(`topic ${topic}/1`)
})
