/**
 * What librdkafka writes, with each codec and in transactions that end in another order than they
 * began, read directly and by librdkafka: record by record the same.
 */
import type { RawBatch, Transport } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer } from './native-client.ts'
import { closeAll, fetcherOf, newName, newTopic, open, until } from './transport-session.ts'

afterEach(closeAll)

const BOOTSTRAP = { 'bootstrap.servers': inject('kafka') }
/** Only librdkafka knows this setting: so it does the reading. */
const FALLBACK = { ...BOOTSTRAP, 'broker.address.family': 'v4' } as const
const TIME = 1_700_000_000_000

function recordsOf(raw: RawBatch) {
  const text = (start = 0, size = 0) =>
    size < 0 ? null : raw.data.toString('latin1', start, start + size)
  return Array.from({ length: raw.count }, (_, i) => ({
    offset: raw.offsets[i],
    timestamp: raw.timestamps[i],
    key: text(raw.keyStart[i], raw.keySize[i]),
    value: text(raw.valueStart[i], raw.valueSize[i]),
    headers: text(raw.headersStart[i], raw.headersSize[i]),
  }))
}

/** All committed records; and where reading stands at the end. */
async function readAll(transport: Transport, topic: string) {
  const fetcher = await fetcherOf(transport)
  const partition = { topic, partition: 0 }
  fetcher.add(partition, 0)
  const records: ReturnType<typeof recordsOf> = []
  await until('the end is reached', async () => {
    const raw = await fetcher.poll(100)
    if (raw !== null) records.push(...recordsOf(raw))
    const progress = fetcher.progress(partition)
    return (
      progress !== null && progress.position > 0 && progress.position === progress.highWatermark
    )
  })
  const position = fetcher.progress(partition)?.position
  await fetcher.close()
  return { records, position }
}

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('batches of codec %s', async codec => {
  const transport = await open(kafka(BOOTSTRAP))
  const topic = await newTopic(transport)
  const conf = { ...BOOTSTRAP, 'compression.codec': codec, 'linger.ms': 20 }
  const producer = await nativeProducer(conf)
  for (let i = 0; i < 3_000; i++) {
    const value = i % 7 === 0 ? null : Buffer.from(`${i} `.repeat(1 + (i % 50)))
    const key = i % 5 === 0 ? null : Buffer.from(i % 11 === 0 ? '' : `key ${i}`)
    const headers = i % 3 === 0 ? [{ one: 'x' }, { two: `${i}` }] : []
    producer.produce(topic, 0, value, key, TIME + ((i * 7919) % 1_000_000), null, headers)
  }
  await call(producer, 'flush', 20_000)
  await disconnect(producer)
  const direct = await readAll(transport, topic)
  expect(direct.records).toHaveLength(3_000)
  expect(direct).toEqual(await readAll(await open(kafka(FALLBACK)), topic))
})

test('transactions that end in another order than they began', async () => {
  const transport = await open(kafka(BOOTSTRAP))
  const topic = await newTopic(transport)
  const producers = await Promise.all(
    [0, 1, 2].map(async () => {
      const producer = await nativeProducer({ ...BOOTSTRAP, 'transactional.id': newName('tx') })
      await call(producer, 'initTransactions', 10_000)
      return producer
    }),
  )
  const expected: string[] = []
  for (let round = 0; round < 4; round++) {
    for (const producer of producers) await call(producer, 'beginTransaction')
    for (let i = 0; i < 3; i++) {
      for (const [number, producer] of producers.entries()) {
        producer.produce(topic, 0, Buffer.from(`${round} ${number} ${i}`), null, TIME)
        await call(producer, 'flush', 10_000)
        if (number === 1) expected.push(`${round} ${number} ${i}`)
      }
    }
    // The one in the middle commits; of the others, the last to begin is the first to abort.
    await call(producers[2], 'abortTransaction', 10_000)
    await call(producers[1], 'commitTransaction', 10_000)
    await call(producers[0], 'abortTransaction', 10_000)
  }
  for (const producer of producers) await disconnect(producer)
  const direct = await readAll(transport, topic)
  expect(direct.records.map(({ value }) => value)).toEqual(expected)
  expect(direct).toEqual(await readAll(await open(kafka(FALLBACK)), topic))
})
