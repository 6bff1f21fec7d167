/**
 * What the Kafka transport itself costs, with nothing of a pipeline: commits, flushes, writes,
 * reads.
 *
 *   node benchmarks/kafka.mjs BOOTSTRAP [commit|flush|write|read …]
 *
 * Build first (`npm run build`); a broker comes from `npm run services -- up kafka`. Each figure is
 * the median of its rounds. Two builds are compared by running this in both, in turn.
 */
import { RawRecordsBuilder } from '@millrace/core'
import { kafka } from '@millrace/kafka'

const [bootstrap, ...chosen] = process.argv.slice(2)
const RECORDS = 200_000
const VALUE = Buffer.from('x'.repeat(100))
const KEY = Buffer.from('key-of-16-bytes!')
const TIMESTAMP = 1_750_000_000_000

const log = { info() {}, warn: (_details, message) => console.error(message) }
const transport = kafka({ 'bootstrap.servers': bootstrap }).create({ applicationId: 'bench', log })
await transport.open()

/** Records of 100 bytes for partition 0. */
function records(topic, count) {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) builder.append(KEY, VALUE, TIMESTAMP)
  return { ...builder.build(), topic, partitions: new Int32Array(count) }
}

async function newTopic(kind) {
  const name = `bench-${kind}-${process.pid}-${Date.now()}`
  await transport.admin.createTopic({ name, partitionCount: 1, replicationFactor: 1, config: {} })
  return name
}

/** Milliseconds of each of `rounds` calls. */
async function timed(rounds, call) {
  const took = []
  for (let i = 0; i < rounds; i++) {
    const from = performance.now()
    await call(i)
    took.push(performance.now() - from)
  }
  return took.sort((a, b) => a - b)
}

function report(what, took, count) {
  const median = took[took.length >> 1]
  const p95 = took[Math.floor(took.length * 0.95)]
  const rate = count === undefined ? '' : ` ${Math.round(count / (median / 1000))} records/s`
  console.log(`${what}: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms${rate}`)
}

async function commit() {
  const topic = await newTopic('commit')
  const options = { transactionalId: topic, timeoutMs: 10_000 }
  const transaction = await transport.createTransactionalProducer(options)
  const group = await joined(topic)
  for (const count of [0, 1, 1_000]) {
    const batch = records(topic, count)
    let at = 0
    const once = async () => {
      await transaction.write(batch)
      await transaction.commit([{ topic, partition: 0, offset: ++at, metadata: '' }], group)
    }
    await timed(10, once)
    report(`commit of ${count} records and an offset`, await timed(100, once))
  }
  const batch = records(topic, RECORDS)
  await timed(1, () => transaction.write(batch))
  await transaction.commit([], null)
  const once = async () => {
    await transaction.write(batch)
    await transaction.commit([], null)
  }
  report('write into a transaction', await timed(5, once), RECORDS)
  await transaction.close()
  await group.leave()
}

function joined(topic) {
  return new Promise((resolve, reject) => {
    const member = transport.joinGroup({
      groupId: topic,
      topics: [topic],
      onAssigned: () => resolve(member),
      onRevoked: async () => {},
      onLost: () => {},
      onError: reject,
    })
  })
}

async function flush() {
  const topic = await newTopic('flush')
  const producer = await transport.createProducer()
  for (const count of [0, 1, 10]) {
    const batch = records(topic, count)
    const once = async () => {
      await producer.write(batch)
      await producer.flush()
    }
    await timed(10, once)
    report(`flush of ${count} records`, await timed(100, once))
  }
  await producer.close()
}

async function write() {
  const topic = await newTopic('write')
  const producer = await transport.createProducer()
  const batch = records(topic, RECORDS)
  const once = async () => {
    await producer.write(batch)
    await producer.flush()
  }
  await timed(1, once)
  report('write', await timed(5, once), RECORDS)
  await producer.close()
}

async function read() {
  const topic = await newTopic('read')
  const producer = await transport.createProducer()
  await producer.write(records(topic, RECORDS))
  await producer.flush()
  await producer.close()
  const once = async () => {
    const fetcher = await transport.createFetcher({
      bufferBytesMax: 64 << 20,
      batchRecordsMax: 4096,
    })
    fetcher.add({ topic, partition: 0 }, 0)
    for (let count = 0; count < RECORDS; ) count += (await fetcher.poll(1_000))?.count ?? 0
    await fetcher.close()
  }
  await timed(1, once)
  report('read, with opening and closing', await timed(5, once), RECORDS)
}

const BENCHMARKS = { commit, flush, write, read }
for (const name of chosen.length > 0 ? chosen : Object.keys(BENCHMARKS)) await BENCHMARKS[name]()
await transport.close()
