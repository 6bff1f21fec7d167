import { InMemoryBroker, inMemory, type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'
import { expect, test } from 'vitest'
import { OUTPUT_BYTES_MAX, RefusingBroker } from './refusing-broker.ts'

function outgoing(topic: string, value: string): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  builder.append(Buffer.from('k'), Buffer.from(value), 1_000)
  return { ...builder.build(), topic, partitions: new Int32Array(1) }
}

test('one output grows beyond what its topic takes, and is equal as JSON', async () => {
  const inner = inMemory(new InMemoryBroker())
  const broker = new RefusingBroker(inner, topic => topic === 'out')
  const log = { info() {}, warn() {} }
  const transport = broker.create({ applicationId: 'a', log })
  await transport.open()
  for (const name of ['out', 'internal']) {
    const spec = { name, partitionCount: 1, replicationFactor: 1, config: {} }
    await transport.admin.createTopic(spec)
  }
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1 << 24, batchRecordsMax: 10 })
  const producer = await transport.createProducer()
  const read = async (topic: string): Promise<string[]> => {
    fetcher.add({ topic, partition: 0 }, 0)
    const values: string[] = []
    for (let raw = await fetcher.poll(0); raw !== null; raw = await fetcher.poll(0)) {
      for (let i = 0; i < raw.count; i++) {
        const start = raw.valueStart[i] as number
        values.push(raw.data.toString('utf8', start, start + (raw.valueSize[i] as number)))
      }
    }
    return values
  }
  let told = 0
  broker.refuseNext(() => told++)
  await producer.write(outgoing('internal', '{"n":0}'))
  expect(told).toBe(0)
  await producer.write(outgoing('out', '{"n":1}'))
  await producer.write(outgoing('out', '{"n":2}'))
  await producer.flush()
  expect(told).toBe(1)
  expect(await read('internal')).toEqual(['{"n":0}'])
  const [large, small] = await read('out')
  expect(large?.length).toBeGreaterThan(OUTPUT_BYTES_MAX)
  expect(JSON.parse(large as string)).toEqual({ n: 1 })
  expect(small).toBe('{"n":2}')
  await transport.close()
})
