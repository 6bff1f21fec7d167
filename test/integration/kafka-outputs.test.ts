/**
 * What is written over connections of our own, with each codec, read back by everybody: by our own
 * fetcher, by librdkafka, by Java's client and by Python's. What brokers refuse or slow down has a
 * clear outcome.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MillraceError, RawRecordsBuilder, type Transport } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { runKafkaProgram } from '../../scripts/services/kafka.mjs'
import { AVRO_READERS } from '../../scripts/services/python.mjs'
import { pythonOrNull } from './python-or-null.ts'
import {
  closeAll,
  errorOf,
  fetcherOf,
  logged,
  newName,
  newTopic,
  open,
  outgoing,
  until,
} from './transport-session.ts'

afterEach(closeAll)

const BOOTSTRAP = { 'bootstrap.servers': inject('kafka') }
/** Only librdkafka knows this setting: so it does the reading. */
const FALLBACK = { ...BOOTSTRAP, 'broker.address.family': 'v4' } as const
const TIME = 1_700_000_000_000
const COUNT = 2_000
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

interface PlainRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** All of it is text without tabs, commas and colons: Java's program writes it in lines. */
function recordAt(offset: number): PlainRecord {
  return {
    offset,
    timestamp: TIME + ((offset * 7_919) % 1_000_000),
    key: offset % 5 === 0 ? null : offset % 11 === 0 ? '' : `key ${offset}`,
    value: offset % 7 === 0 ? null : `Wert ä ${offset} `.repeat(offset % 50),
    headers:
      offset % 3 === 0
        ? [
            ['one', 'x'],
            ['two', `${offset}`],
          ]
        : [],
  }
}

const EXPECTED = Array.from({ length: COUNT }, (_, offset) => recordAt(offset))

async function writeAll(codec: string): Promise<string> {
  const transport = await open(kafka({ ...BOOTSTRAP, 'compression.type': codec }))
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  for (let from = 0; from < COUNT; from += 100) {
    const builder = new RawRecordsBuilder()
    for (const { key, value, timestamp, headers } of EXPECTED.slice(from, from + 100)) {
      const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
      const list = headers.map(([name, text]) => ({ name, value: bytes(text) }))
      builder.append(bytes(key), bytes(value), timestamp, list)
    }
    const records = builder.build()
    await producer.write({ ...records, topic, partitions: new Int32Array(records.count) })
  }
  await producer.flush()
  await producer.close()
  return topic
}

async function readBy(transport: Transport, topic: string): Promise<PlainRecord[]> {
  const { decodeHeaders } = await import('@millrace/core')
  const fetcher = await fetcherOf(transport)
  fetcher.add({ topic, partition: 0 }, 0)
  const records: PlainRecord[] = []
  await until('all is read', async () => {
    const raw = await fetcher.poll(100)
    for (let i = 0; i < (raw?.count ?? 0); i++) {
      const { data, keyStart, keySize, valueStart, valueSize, offsets, timestamps } =
        raw as NonNullable<typeof raw>
      const text = (start = 0, size = 0): string | null =>
        size < 0 ? null : data.toString('utf8', start, start + size)
      const headers = decodeHeaders(raw as NonNullable<typeof raw>, i)
      records.push({
        offset: offsets[i] as number,
        timestamp: timestamps[i] as number,
        key: text(keyStart[i], keySize[i]),
        value: text(valueStart[i], valueSize[i]),
        headers: headers.map(({ name, value }) => [name, value === null ? null : `${value}`]),
      })
    }
    return records.length >= COUNT
  })
  return records
}

async function readByJava(topic: string): Promise<PlainRecord[]> {
  const shown = ['timestamp', 'key', 'offset', 'headers'].map(part => `print.${part}=true`)
  const properties = [...shown, 'null.literal=NULL', 'key.separator=\t'].flatMap(each => [
    '--property',
    each,
  ])
  const text = await runKafkaProgram('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    '--bootstrap-server',
    inject('kafka'),
    '--topic',
    topic,
    '--from-beginning',
    '--max-messages',
    `${COUNT}`,
    '--timeout-ms',
    '30000',
    ...properties,
  ])
  const orNull = (part = ''): string | null => (part === 'NULL' ? null : part)
  return text
    .split('\n')
    .filter(line => line.startsWith('CreateTime:'))
    .map(line => {
      const [time = '', offset = '', headers = '', key, value] = line.split('\t')
      const pairs = headers === 'NO_HEADERS' ? [] : headers.split(',')
      return {
        offset: Number(offset.slice('Offset:'.length)),
        timestamp: Number(time.slice('CreateTime:'.length)),
        key: orNull(key),
        value: orNull(value),
        headers: pairs.map(pair => pair.split(':') as [string, string]),
      }
    })
}

const PYTHON = `
import json, sys
from confluent_kafka import Consumer, TopicPartition
consumer = Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'any', 'check.crcs': True})
consumer.assign([TopicPartition(sys.argv[2], 0, 0)])
text = lambda value: None if value is None else value.decode()
for _ in range(int(sys.argv[3])):
    message = consumer.poll(30)
    if message is None or message.error(): raise Exception(str(message and message.error()))
    headers = [[name, text(value)] for name, value in message.headers() or []]
    print(json.dumps({'offset': message.offset(), 'timestamp': message.timestamp()[1],
        'key': text(message.key()), 'value': text(message.value()), 'headers': headers}))
consumer.close()
`

const run = promisify(execFile)
const python = await pythonOrNull(AVRO_READERS)

const hasZstd = process.versions.node.localeCompare('22.15', undefined, { numeric: true }) >= 0

test.each(CODECS)('batches of codec %s are read by us, librdkafka and Java', async codec => {
  const topic = await writeAll(codec)
  expect(await readBy(await open(kafka(BOOTSTRAP)), topic)).toEqual(EXPECTED)
  expect(await readBy(await open(kafka(FALLBACK)), topic)).toEqual(EXPECTED)
  expect(await readByJava(topic)).toEqual(EXPECTED)
  const native = logged.filter(line => line.includes('"compression.type" is zstd'))
  expect(native.length > 0).toBe(codec === 'zstd' && !hasZstd)
})

test.skipIf(python === null).each(CODECS)('batches of codec %s are read by Python', async codec => {
  const topic = await writeAll(codec)
  const args = ['-c', PYTHON, inject('kafka'), topic, `${COUNT}`]
  const { stdout } = await run(python as string, args, { maxBuffer: 1 << 26 })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(EXPECTED)
})

test('a time that the topic does not take fails the flush, and says which settings', async () => {
  const transport = await open(kafka(BOOTSTRAP))
  const topic = await newTopic(transport, 1, { 'message.timestamp.after.max.ms': '60000' })
  const producer = await transport.createProducer()
  const late = Date.now() + 3_600_000
  await producer.write(outgoing(topic, 0, [{ value: 'from the future', timestamp: late }]))
  const error = await errorOf(() => producer.flush())
  expect(error).toMatchObject({ code: 'DELIVERY_FAILED', retriable: false })
  expect(error.message).toContain('message.timestamp.after.max.ms')
  expect(error.message).toContain(`topic ${topic}/0`)
  // What comes next is written.
  await producer.write(outgoing(topic, 0, [{ value: 'now', timestamp: Date.now() }]))
  await producer.flush()
  expect(await transport.admin.offsets({ topic, partition: 0 })).toEqual({ earliest: 0, latest: 1 })
})

test('a compacted topic takes no record without a key, and the error says so', async () => {
  const transport = await open(kafka(BOOTSTRAP))
  const topic = await newTopic(transport, 1, { 'cleanup.policy': 'compact' })
  const producer = await transport.createProducer()
  await producer.write(outgoing(topic, 0, [{ value: 'no key' }]))
  const error = await errorOf(() => producer.flush())
  expect(error).toMatchObject({ code: 'DELIVERY_FAILED', retriable: false })
  expect(error.message).toMatch(/key/i)
})

test('a topic that is not there fails the flush within seconds', async () => {
  const transport = await open(kafka(BOOTSTRAP))
  const producer = await transport.createProducer()
  const topic = newName('nowhere')
  await producer.write(outgoing(topic, 0, [{ value: 'x' }]))
  const error = await errorOf(() => producer.flush())
  expect(MillraceError.is(error) && error.code).toBe('DELIVERY_FAILED')
  expect(error.message).toContain(topic)
  expect(error.message).toContain('Create it')
})

test('a quota slows writing down, and all of it is written', async () => {
  const clientId = newName('slow')
  const configs = (...rest: string[]) =>
    runKafkaProgram('kafka.admin.ConfigCommand', [
      '--bootstrap-server',
      inject('kafka'),
      '--alter',
      '--entity-type',
      'clients',
      '--entity-name',
      clientId,
      ...rest,
    ])
  await configs('--add-config', 'producer_byte_rate=80000')
  const transport = await open(kafka({ ...BOOTSTRAP, 'client.id': clientId }))
  const topic = await newTopic(transport)
  const producer = await transport.createProducer()
  const startedAt = Date.now()
  const values = Array.from({ length: 1_000 }, (_, i) => `${i} `.padEnd(1_000, 'x'))
  for (let from = 0; from < values.length; from += 50) {
    const part = values.slice(from, from + 50).map(value => ({ value }))
    await producer.write(outgoing(topic, 0, part))
    await producer.flush()
  }
  // A million bytes: the broker takes 80 kB a second, over its window of ten seconds.
  expect(Date.now() - startedAt).toBeGreaterThan(1_000)
  const { latest } = await transport.admin.offsets({ topic, partition: 0 })
  expect(latest).toBe(1_000)
})
