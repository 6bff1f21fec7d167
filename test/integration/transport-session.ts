/** Transports, topics and records for tests against a broker. */
import {
  type Fetcher,
  type Header,
  type OutgoingRecords,
  RawRecordsBuilder,
  type Transport,
  type TransportFactory,
} from '@millrace/core'

const opened: Transport[] = []
let topics = 0

export const logged: string[] = []

export async function open(factory: TransportFactory, applicationId = 'it'): Promise<Transport> {
  const note = (details: object, message: string): void => {
    logged.push(`${JSON.stringify(details)} ${message}`)
  }
  const transport = factory.create({ applicationId, log: { info: note, warn: note } })
  opened.push(transport)
  await transport.open()
  return transport
}

export async function closeAll(): Promise<void> {
  for (const transport of opened.splice(0)) await transport.close()
}

export function newName(kind: string): string {
  return `${kind}-${process.pid}-${Date.now().toString(36)}-${++topics}`
}

export async function newTopic(
  transport: Transport,
  partitionCount = 1,
  config: Record<string, string> = {},
): Promise<string> {
  const name = newName('topic')
  await transport.admin.createTopic({ name, partitionCount, replicationFactor: -1, config })
  return name
}

export interface RecordToWrite {
  readonly key?: string
  readonly value: string | Buffer
  readonly timestamp?: number
  readonly headers?: readonly Header[]
}

export function outgoing(
  topic: string,
  partition: number,
  records: readonly RecordToWrite[],
): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (const { key, value, timestamp = 1_700_000_000_000, headers } of records) {
    const keyBytes = key === undefined ? null : Buffer.from(key)
    builder.append(keyBytes, Buffer.from(value as string), timestamp, headers)
  }
  return { ...builder.build(), topic, partitions: new Int32Array(records.length).fill(partition) }
}

export async function write(
  transport: Transport,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  const producer = await transport.createProducer()
  await producer.write(
    outgoing(
      topic,
      partition,
      values.map(value => ({ value })),
    ),
  )
  await producer.flush()
  await producer.close()
}

export function fetcherOf(transport: Transport): Promise<Fetcher> {
  return transport.createFetcher({ bufferBytesMax: 1 << 22, batchRecordsMax: 1000 })
}

/** Values as text until there are `count`. */
export async function readValues(fetcher: Fetcher, count: number): Promise<string[]> {
  const values: string[] = []
  await until(`${count} records are read`, async () => {
    const batch = await fetcher.poll(200)
    for (let i = 0; i < (batch?.count ?? 0); i++) {
      const { data, valueStart, valueSize } = batch as NonNullable<typeof batch>
      const start = valueStart[i] as number
      values.push(data.toString('utf8', start, start + (valueSize[i] as number)))
    }
    return values.length >= count
  })
  return values
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** The error that a call ends with. */
export async function errorOf(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

/** The first error of polls that may give nothing, or records, before. */
export function pollError(fetcher: Fetcher): Promise<Error> {
  return errorOf(async () => {
    const deadline = Date.now() + 60_000
    while (Date.now() < deadline) await fetcher.poll(200)
  })
}
