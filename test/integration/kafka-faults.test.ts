import { decodeHeaders, MillraceError, type RawBatch, type Transport } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer, withAdmin } from './native-client.ts'
import {
  closeAll,
  errorOf,
  fetcherOf,
  newName,
  newTopic,
  open,
  outgoing,
  pollError,
  readValues,
  until,
  write,
} from './transport-session.ts'

afterEach(closeAll)

const openKafka = (): Promise<Transport> => open(kafka({ 'bootstrap.servers': inject('kafka') }))
const codeOf = (error: Error): string => (MillraceError.is(error) ? error.code : String(error))

test('a record too large for the topic fails the flush, and the next epoch goes on', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport, 1, { 'max.message.bytes': '2000' })
  const producer = await transport.createProducer()
  await producer.write(outgoing(topic, 0, [{ value: 'x'.repeat(5_000) }]))
  const error = await errorOf(() => producer.flush())
  expect(codeOf(error)).toBe('DELIVERY_FAILED')
  expect(error.message).toContain(`topic ${topic}/0`)
  expect(error.message).toContain('max.message.bytes')
  const next = await transport.createProducer()
  await next.write(outgoing(topic, 0, [{ value: 'small' }]))
  await next.flush()
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  expect(await readValues(fetcher, 1)).toEqual(['small'])
})

test('nothing behind a record that was refused is written', async () => {
  const transport = await open(
    kafka({ 'bootstrap.servers': inject('kafka'), 'message.max.bytes': 4_000_000 }),
  )
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  await producer.write(outgoing(topic, 0, [{ value: 'before' }]))
  await producer.flush()
  await producer.write(outgoing(topic, 0, [{ value: 'x'.repeat(3_000_000) }]))
  const behind = Array.from({ length: 500 }, () => ({ value: 'y'.repeat(2_000) }))
  await producer.write(outgoing(topic, 0, behind))
  const error = await errorOf(() => producer.flush())
  expect(codeOf(error)).toBe('DELIVERY_FAILED')
  expect(error.message).toContain('max.message.bytes')
  await producer.close()
  expect(await transport.admin.offsets({ topic, partition: 0 })).toEqual({ earliest: 0, latest: 1 })
})

test('timestamp 0 and header names with a null character are written as they are', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  const headers = [{ name: 'a\0b', value: null }]
  producer.write(outgoing(topic, 0, [{ value: 'zero', timestamp: 0, headers }]))
  await producer.flush()
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  const batch = await fetcher.poll(5_000)
  expect(batch?.timestamps[0]).toBe(0)
  expect(decodeHeaders(batch as RawBatch, 0)).toEqual(headers)
})

test('librdkafka refuses timestamp 0 and header names that it would alter', async () => {
  const transport = await open(
    kafka({ 'bootstrap.servers': inject('kafka'), 'compression.level': 5 }),
  )
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  producer.write(outgoing(topic, 0, [{ value: 'zero', timestamp: 0 }]))
  const zero = await errorOf(() => producer.flush())
  expect(codeOf(zero)).toBe('DELIVERY_FAILED')
  expect(zero.message).toContain('1970-01-01')
  const headers = [{ name: 'a\0b', value: null }]
  producer.write(outgoing(topic, 0, [{ value: 'cut', headers }]))
  expect((await errorOf(() => producer.flush())).message).toContain('null character')
  expect(await transport.admin.offsets({ topic, partition: 0 })).toEqual({ earliest: 0, latest: 0 })
})

test.each([
  ['of our own', { 'queue.buffering.max.kbytes': 1 }],
  ['of librdkafka', { 'queue.buffering.max.messages': 50, 'compression.level': 5 }],
])('a full queue %s makes the writer wait and keeps the order', async (_, queue) => {
  const transport = await open(kafka({ 'bootstrap.servers': inject('kafka'), ...queue }))
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  const values = Array.from({ length: 2_000 }, (_, i) => String(i))
  const waits = [0, 1_000].map(from =>
    producer.write(
      outgoing(
        topic,
        0,
        values.slice(from, from + 1_000).map(value => ({ value })),
      ),
    ),
  )
  expect(waits.every(wait => wait instanceof Promise)).toBe(true)
  await producer.flush()
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  expect(await readValues(fetcher, 2_000)).toEqual(values)
})

test('a topic deleted while it is read and written is TOPIC_MISSING and DELIVERY_FAILED', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['a'])
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  const producer = await transport.createProducer()
  await producer.write(outgoing(topic, 0, [{ value: 'b' }]))
  await producer.flush()
  expect(await readValues(fetcher, 2)).toEqual(['a', 'b'])
  await withAdmin(inject('kafka'), admin => call(admin, 'deleteTopic', topic, 5_000))
  const error = await pollError(fetcher)
  expect(codeOf(error)).toBe('TOPIC_MISSING')
  expect(error.message).toContain(topic)
  await until('a write fails', async () => {
    await producer.write(outgoing(topic, 0, [{ value: 'c' }]))
    return producer.flush().then(
      () => false,
      failure => codeOf(failure) === 'DELIVERY_FAILED',
    )
  })
})

test('a topic made anew under the same name is not read on', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['a', 'b'])
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  expect(await readValues(fetcher, 2)).toEqual(['a', 'b'])
  await withAdmin(inject('kafka'), async admin => {
    await call(admin, 'deleteTopic', topic, 5_000)
    const spec = { topic, num_partitions: 1, replication_factor: 1 }
    await until('it is made again', () =>
      call(admin, 'createTopic', spec, 5_000).then(
        () => true,
        () => false,
      ),
    )
  })
  expect(codeOf(await pollError(fetcher))).toBe('TOPIC_MISSING')
})

test('records deleted before they were read are OFFSET_OUT_OF_RANGE', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['a', 'b', 'c'])
  const fetcher = await fetcherOf(transport)
  const partition = { topic, partition: 0 }
  fetcher.add(partition, 0)
  expect(await readValues(fetcher, 3)).toEqual(['a', 'b', 'c'])
  // A fetch under way might still find them.
  fetcher.remove(partition)
  await write(transport, topic, 0, ['d', 'e'])
  await withAdmin(inject('kafka'), admin =>
    call(admin, 'deleteRecords', [{ ...partition, offset: 4 }], { timeout: 5_000 }),
  )
  fetcher.add(partition, 3)
  const error = await pollError(fetcher)
  expect(codeOf(error)).toBe('OFFSET_OUT_OF_RANGE')
  expect(error.message).toContain('4 to 5')
})

test('an open transaction on the input is seen in the progress until it ends', async () => {
  const transport = await openKafka()
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['plain'])
  const partition = { topic, partition: 0 }
  const fetcher = await fetcherOf(transport)
  fetcher.add(partition, 0)
  expect(await readValues(fetcher, 1)).toEqual(['plain'])
  const at = async (what: string, position: number, lso: number, end: number): Promise<void> =>
    until(what, async () => {
      expect(await fetcher.poll(50)).toBe(null)
      const progress = fetcher.progress(partition)
      return (
        progress?.position === position &&
        progress.lastStableOffset === lso &&
        progress.highWatermark === end
      )
    })
  await at('everything is read', 1, 1, 1)
  const writer = await nativeProducer({
    'bootstrap.servers': inject('kafka'),
    'transactional.id': newName('tx'),
  })
  await call(writer, 'initTransactions', 10_000)
  const send = async (value: string): Promise<void> => {
    await call(writer, 'beginTransaction')
    writer.produce(topic, 0, Buffer.from(value), null, 1)
    await call(writer, 'flush', 10_000)
  }
  await send('held')
  await at('the open transaction holds the end', 1, 1, 2)
  await call(writer, 'commitTransaction', 10_000)
  expect(await readValues(fetcher, 1)).toEqual(['held'])
  await at('the position is behind the control record', 3, 3, 3)
  await send('never seen')
  await call(writer, 'abortTransaction', 10_000)
  await at('the position is behind the aborted record', 5, 5, 5)
  await disconnect(writer)
})
