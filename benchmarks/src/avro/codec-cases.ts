/**
 * The six-field record, read and written in every way that is compared: columns, rows and records
 * here, avsc, and Confluent's serdes. All have the same bytes before them; rows are dropped when
 * the next one is made, as functions over rows drop them.
 */
import { createRequire } from 'node:module'
import { avro } from '@millrace/avro'
import {
  Batch,
  type ByteRanges,
  BytesColumn,
  ByteWriter,
  type ColumnsRead,
  type Decoded,
  rowsOf,
  t,
} from '@millrace/core'
import avsc from 'avsc'

type Confluent = typeof import('@confluentinc/schemaregistry')

// Its index brings in the SDKs of four clouds.
const load = createRequire(import.meta.url)
const { MockClient }: Confluent = load(
  '@confluentinc/schemaregistry/dist/mock-schemaregistry-client.js',
)
const { SerdeType }: Confluent = load('@confluentinc/schemaregistry/dist/serde/serde.js')
const { AvroDeserializer, AvroSerializer }: Confluent = load(
  '@confluentinc/schemaregistry/dist/serde/avro.js',
)

const PURCHASE = {
  type: 'record',
  name: 'Purchase',
  fields: [
    { name: 'id', type: 'int' },
    { name: 'user_id', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'ts', type: 'long' },
    { name: 'country', type: 'string' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
} as const

/** Confluent's serdes wait for each record; they are given less. */
const CONFLUENT_COUNT = 4_000
const COUNTRIES = ['de', 'fr', 'us']

export interface CodecCase {
  readonly name: string
  /** Records that `run` reads or writes. */
  readonly count: number
  readonly run: () => unknown
}

export async function codecCases(count: number): Promise<CodecCase[]> {
  const objects = Array.from({ length: count }, (_, i) => ({
    id: i,
    user_id: `user-${i % 10_000}`,
    amount: (i % 1000) / 7,
    ts: 1_700_000_000_000 + i,
    country: COUNTRIES[i % COUNTRIES.length],
    note: i % 4 === 0 ? 'gift for someone' : null,
  }))
  const type = avsc.Type.forSchema(structuredClone(PURCHASE) as unknown as avsc.Schema)
  const records = objects.map(object => type.toBuffer(object))
  return [
    ...ownCases(rangesOf(records)),
    {
      name: 'avsc objects',
      count,
      run: () => {
        let last: unknown
        for (let i = 0; i < count; i++) last = type.fromBuffer(records[i] as Buffer)
        return last
      },
    },
    ...(await confluentCases(objects, records)),
  ]
}

function ownCases(ranges: ByteRanges): CodecCase[] {
  const { count } = ranges
  const serde = avro(PURCHASE)
  const reading = (read: ColumnsRead) => {
    const decoder = serde.decoder(read)
    return () => decoder.decode(ranges)
  }
  const numbers = avro(PURCHASE, { long: 'number' }).decoder('all')
  const batch = batchOf(serde.decoder('all').decode(ranges), ranges)
  const encoder = serde.encoder(serde.schema)
  return [
    { name: 'columns, 1 of 6', count, run: reading(['amount']) },
    { name: 'columns, 3 of 6', count, run: reading(['user_id', 'amount', 'ts']) },
    { name: 'columns, all', count, run: reading('all') },
    {
      name: 'row objects',
      count,
      run: () => {
        const rowAt = rowsOf(batchOf(numbers.decode(ranges), ranges))
        let last: unknown
        for (let i = 0; i < count; i++) last = rowAt(i)
        return last
      },
    },
    {
      name: 'encode',
      count,
      run: () => {
        const out = new ByteWriter(ranges.data.length)
        for (let i = 0; i < count; i++) encoder.encode(batch, i, out)
        return out
      },
    },
  ]
}

async function confluentCases(
  objects: readonly object[],
  records: readonly Buffer[],
): Promise<CodecCase[]> {
  const client = new MockClient({ baseURLs: ['mock://'] })
  const text = { schemaType: 'AVRO', schema: JSON.stringify(PURCHASE) }
  await client.register('t-value', text, false)
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true })
  const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {})
  const framed = await serializer.serialize('t', objects[0])
  const messages = records.map(record => Buffer.concat([framed.subarray(0, 5), record]))
  const count = Math.min(CONFLUENT_COUNT, objects.length)
  return [
    {
      name: 'Confluent decode',
      count,
      run: async () => {
        for (let i = 0; i < count; i++) await deserializer.deserialize('t', messages[i] as Buffer)
      },
    },
    {
      name: 'Confluent encode',
      count,
      run: async () => {
        for (let i = 0; i < count; i++) await serializer.serialize('t', objects[i])
      },
    },
  ]
}

function rangesOf(records: readonly Buffer[]): ByteRanges {
  const start = new Int32Array(records.length)
  const size = Int32Array.from(records, record => record.length)
  for (let i = 1; i < records.length; i++) {
    start[i] = (start[i - 1] as number) + (size[i - 1] as number)
  }
  return { count: records.length, data: Buffer.concat(records), start, size }
}

function batchOf(decoded: Decoded, ranges: ByteRanges): Batch {
  const { count } = ranges
  const records = {
    topic: 't',
    partition: 0,
    keys: new BytesColumn(t.bytes().nullable(), { ...ranges }, new Uint8Array(count)),
    timestamps: new Float64Array(count),
    offsets: new Float64Array(count),
    watermarks: new Float64Array(count),
    headers: null,
    tombstones: null,
  }
  return new Batch({ ...decoded, records, selection: null })
}
