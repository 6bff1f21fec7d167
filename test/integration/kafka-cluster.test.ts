/**
 * Three brokers: leaders move and one is killed and comes back while records are written and read
 * over connections of our own. Nothing is lost, nothing comes twice, the order stays.
 */
import type { Fetcher, Transport } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { runKafkaProgram, startKafkaCluster } from '../../scripts/services/kafka.mjs'
import { closeAll, logged, newName, open, outgoing, until } from './transport-session.ts'

let cluster: Awaited<ReturnType<typeof startKafkaCluster>>
beforeAll(async () => {
  cluster = await startKafkaCluster(3, { lifetimeMs: 600_000 })
}, 400_000)
afterEach(closeAll)
afterAll(() => cluster?.stop())

const PARTITIONS = 6

const transport = (): Promise<Transport> => open(kafka({ 'bootstrap.servers': cluster.bootstrap }))

/** Writes numbers to every partition until told to end; each flush is acknowledged. */
async function writeUntil(to: Transport, topic: string, isOver: () => boolean): Promise<number> {
  const producer = await to.createProducer()
  let count = 0
  while (!isOver()) {
    for (let i = 0; i < 20; i++) {
      const value = String(count++)
      for (let partition = 0; partition < PARTITIONS; partition++) {
        await producer.write(outgoing(topic, partition, [{ value }]))
      }
    }
    await producer.flush()
    await new Promise(resolve => setImmediate(resolve))
  }
  await producer.close()
  return count
}

interface Reading {
  readonly values: number[][]
  /** Ends when each partition has as many. */
  until(count: number): Promise<void>
}

function readAlong(fetcher: Fetcher, topic: string): Reading {
  const values: number[][] = Array.from({ length: PARTITIONS }, () => [])
  for (let partition = 0; partition < PARTITIONS; partition++) fetcher.add({ topic, partition }, 0)
  let count = Number.POSITIVE_INFINITY
  const isDone = (): boolean => values.every(({ length }) => length >= count)
  const reading = (async () => {
    while (!isDone()) {
      const raw = await fetcher.poll(100)
      for (let i = 0; i < (raw?.count ?? 0); i++) {
        const { partition, data, valueStart, valueSize } = raw as NonNullable<typeof raw>
        const start = valueStart[i] as number
        const text = data.toString('latin1', start, start + (valueSize[i] as number))
        values[partition]?.push(Number(text))
      }
    }
  })()
  reading.catch(() => {})
  return {
    values,
    until(all) {
      count = all
      return reading
    },
  }
}

async function leadersOf(topic: string): Promise<string> {
  const text = await runKafkaProgram('org.apache.kafka.tools.TopicCommand', [
    '--bootstrap-server',
    cluster.bootstrap,
    '--describe',
    '--topic',
    topic,
  ])
  return [...text.matchAll(/Leader: (\S+)/g)].map(([, leader]) => leader).join()
}

async function newReplicatedTopic(to: Transport): Promise<string> {
  const name = newName('topic')
  // A broker is up before the controller counts with it.
  await until('three brokers take a topic', () =>
    to.admin
      .createTopic({ name, partitionCount: PARTITIONS, replicationFactor: 3, config: {} })
      .then(
        () => true,
        () => false,
      ),
  )
  return name
}

/** Writes and reads while something happens, and for a while after it. */
async function during(act: (topic: string, written: () => Promise<void>) => Promise<void>) {
  const writer = await transport()
  const topic = await newReplicatedTopic(writer)
  const fetcher = await (await transport()).createFetcher({
    bufferBytesMax: 1 << 20,
    batchRecordsMax: 1_000,
  })
  const reading = readAlong(fetcher, topic)
  let isOver = false
  const writing = writeUntil(writer, topic, () => isOver)
  writing.catch(() => {})
  const readMore = async (): Promise<void> => {
    const lengths = reading.values.map(({ length }) => length)
    await until(
      'each partition goes on',
      () => reading.values.every(({ length }, i) => length > (lengths[i] as number) + 40),
      90_000,
    )
  }
  await readMore()
  await act(topic, readMore)
  await readMore()
  isOver = true
  const count = await writing
  await reading.until(count)
  const expected = Array.from({ length: count }, (_, i) => i)
  for (const values of reading.values) expect(values).toEqual(expected)
  expect(logged.filter(line => line.includes('through librdkafka'))).toEqual([])
}

test('leaders move while records are written and read', async () => {
  await during(async (topic, readMore) => {
    for (const leader of [2, 3, 1]) {
      await cluster.moveLeaders(topic, PARTITIONS, leader)
      await until('it leads all', async () => {
        return (await leadersOf(topic)) === `${leader},`.repeat(PARTITIONS).slice(0, -1)
      })
      await readMore()
    }
  })
}, 400_000)

test('a broker of three is killed and comes back while records are written and read', async () => {
  await during(async (topic, readMore) => {
    for (const broker of [1, 2]) {
      await cluster.brokers[broker]?.restart()
      await readMore()
    }
    expect(await leadersOf(topic)).toMatch(/^\d(,\d){5}$/)
  })
}, 400_000)
