/**
 * Questions about writing: what is written is what is read.
 *
 * Keys, values, headers and timestamps come back byte by byte; a key lands where the Java client
 * puts it; a record that was not written shows at the next flush.
 */
import type { Header } from '../../../record/headers.ts'
import type { PlainRecord } from '../../../record/plain-record.ts'
import { RawRecordsBuilder } from '../../../transport/raw-records-builder.ts'
import { partitionOfKey } from '../../../util/murmur2.ts'
import { numbered, type TransportExam, valuesOf, writeTo } from './exam.ts'

const TIMESTAMP = 1_700_000_000_123

export function testProducing(exam: TransportExam): void {
  testContents(exam)
  testPartitioning(exam)
  testFlush(exam)
}

function testContents(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('keeps keys, values, headers and timestamps of records as they are', async session => {
    const transport = await session.open()
    const { name } = await session.topic(transport)
    const records = recordsOfAllShapes(exam)
    await session.write(transport, name, 0, records)
    const fetcher = await session.fetcher(transport)
    fetcher.add({ topic: name, partition: 0 }, 0)
    const read = await session.read(fetcher, records.length)
    expect(read).toEqual(records.map((record, i) => ({ partition: 0, offset: i, ...record })))
  })

  exam.ask('needs nothing of what was given once write has returned', async session => {
    const transport = await session.open()
    const { name } = await session.topic(transport)
    const producer = await transport.createProducer()
    const builder = new RawRecordsBuilder()
    for (const { key, value, timestamp } of numbered(10)) builder.append(key, value, timestamp)
    const records = builder.build()
    const partitions = new Int32Array(10)
    const wait = producer.write({ ...records, topic: name, partitions })
    records.data.fill('x')
    records.valueSize.fill(-1)
    partitions.fill(1_000)
    await wait
    await producer.flush()
    const fetcher = await session.fetcher(transport)
    fetcher.add({ topic: name, partition: 0 }, 0)
    expect(valuesOf(await session.read(fetcher, 10))).toEqual(valuesOf(numbered(10)))
  })

  exam.ask('keeps the order of many writes within a partition', async session => {
    const transport = await session.open()
    const { name } = await session.topic(transport)
    const producer = await transport.createProducer()
    for (let i = 0; i < 100; i++) await writeTo(producer, name, 0, numbered(10, i * 10))
    await writeTo(producer, name, 0, [])
    await producer.flush()
    const fetcher = await session.fetcher(transport)
    fetcher.add({ topic: name, partition: 0 }, 0)
    const read = await session.read(fetcher, 1_000)
    expect(valuesOf(read)).toEqual(valuesOf(numbered(1_000)))
    expect(read.map(({ offset }) => offset)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
  })
}

function testPartitioning(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('chooses the partition of a key as the Java client does', async session => {
    const transport = await session.open()
    const { name, partitionCount } = await session.topic(transport, 4)
    const keys = ['', ...Array.from({ length: 100 }, (_, i) => `key ${i} é`)]
    const records = keys.map(key => ({ ...plain('v'), key: Buffer.from(key) }))
    const producer = await transport.createProducer()
    await writeTo(producer, name, null, records)
    await producer.flush()
    const fetcher = await session.fetcher(transport)
    for (let partition = 0; partition < partitionCount; partition++) {
      fetcher.add({ topic: name, partition }, 0)
    }
    const read = await session.read(fetcher, keys.length)
    for (const { key, partition } of read) {
      const bytes = key as Buffer
      expect(partition).toBe(partitionOfKey(bytes, 0, bytes.length, partitionCount))
    }
    expect(read.map(({ key }) => String(key)).sort()).toEqual(keys.sort())
  })

  exam.ask('writes to the partition it is told, and null keys to any', async session => {
    const transport = await session.open()
    const { name, partitionCount } = await session.topic(transport, 4)
    const last = partitionCount - 1
    await session.write(transport, name, last, [{ ...plain('told'), key: Buffer.from('key') }])
    const producer = await transport.createProducer()
    await writeTo(producer, name, null, numbered(20))
    await producer.flush()
    const fetcher = await session.fetcher(transport)
    for (let partition = 0; partition < partitionCount; partition++) {
      fetcher.add({ topic: name, partition }, 0)
    }
    const read = await session.read(fetcher, 21)
    expect(read.find(({ key }) => key !== null)?.partition).toBe(last)
    const values = valuesOf(read.filter(({ key }) => key === null))
    expect(values.sort()).toEqual(valuesOf(numbered(20)).sort())
  })
}

function testFlush(exam: TransportExam): void {
  const { expect } = exam.hooks

  exam.ask('flushes at once when nothing was written', async session => {
    const transport = await session.open()
    const producer = await transport.createProducer()
    await producer.flush()
  })

  exam.ask('says DELIVERY_FAILED at flush, once, when a record was not written', async session => {
    const transport = await session.open()
    const { name } = await session.topic(transport)
    const producer = await transport.createProducer()
    await writeTo(producer, name, 1_000, numbered(1))
    const flush = (): Promise<void> => producer.flush()
    expect(await session.codeOf('flush fails', flush)).toBe('DELIVERY_FAILED')
    await producer.flush()
  })
}

function plain(value: string): PlainRecord {
  return { key: null, value: Buffer.from(value), timestamp: TIMESTAMP, headers: [] }
}

/** Every shape a record can have. */
function recordsOfAllShapes({ nullHeaderValues, timestampZero }: TransportExam): PlainRecord[] {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const header = (name: string, value: string): Header => ({ name, value: Buffer.from(value) })
  const headers = [header('b', '1'), header('a', ''), header('b', '2'), header('é\u2028', 'x')]
  const nulls = nullHeaderValues ? [{ name: 'none', value: null }] : []
  return [
    plain('plain'),
    { ...plain('null key'), key: null },
    { ...plain('empty key'), key: Buffer.alloc(0) },
    { ...plain('all bytes'), key: all },
    { ...plain(''), key: Buffer.from('empty value') },
    { ...plain(''), key: Buffer.from('null value'), value: null },
    { ...plain(''), key: null, value: null },
    { ...plain(''), value: all },
    { ...plain('headers'), headers: [...headers, ...nulls] },
    { ...plain('headers of a tombstone'), value: null, headers },
    { ...plain('earlier'), timestamp: TIMESTAMP - 60_000 },
    { ...plain('long ago'), timestamp: timestampZero ? 0 : 1 },
    { ...plain('long'), value: Buffer.alloc(10_000, 'long ') },
  ]
}
