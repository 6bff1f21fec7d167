// Avro, the six-field record: columns read, rows made and records written, beside avsc and
// Confluent's serdes, in one process and interleaved rounds. Build first; then
// `node packages/avro/test/benchmark.mjs`. Only the ratios say something, not the times.
import {
  AvroDeserializer,
  AvroSerializer,
  MockClient,
  SerdeType,
} from '@confluentinc/schemaregistry'
import { Batch, BytesColumn, ByteWriter, rowsOf, t } from '@millrace/core'
import avsc from 'avsc'
import { avro } from '../dist/index.js'

const COUNT = 20_000
const CONFLUENT_COUNT = 4_000
const ROUNDS = 5
const schema = {
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
}
const objects = Array.from({ length: COUNT }, (_, i) => ({
  id: i,
  user_id: `user-${i % 10_000}`,
  amount: (i % 1000) / 7,
  ts: 1_700_000_000_000 + i,
  country: ['de', 'fr', 'us'][i % 3],
  note: i % 4 === 0 ? 'gift for someone' : null,
}))
const type = avsc.Type.forSchema(schema)
const records = objects.map(object => type.toBuffer(object))
const start = new Int32Array(COUNT)
const size = Int32Array.from(records, record => record.length)
for (let i = 1; i < COUNT; i++) start[i] = start[i - 1] + size[i - 1]
const ranges = { count: COUNT, data: Buffer.concat(records), start, size }

const serde = avro(schema)
const decoders = [['amount'], ['user_id', 'amount', 'ts'], 'all'].map(read => serde.decoder(read))
const numbers = avro(schema, { long: 'number' }).decoder('all')
const parts = {
  topic: 't',
  partition: 0,
  keys: new BytesColumn(t.bytes().nullable(), { ...ranges }, new Uint8Array(COUNT)),
  timestamps: new Float64Array(COUNT),
  offsets: new Float64Array(COUNT),
  watermarks: new Float64Array(COUNT),
  headers: null,
  tombstones: null,
}
const batchOf = decoded => new Batch({ ...decoded, records: parts, selection: null })
const batch = batchOf(decoders[2].decode(ranges))
const encoder = serde.encoder(serde.schema)

const client = new MockClient({ baseURLs: ['mock://'] })
await client.register('t-value', { schemaType: 'AVRO', schema: JSON.stringify(schema) }, false)
const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true })
const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {})
const framed = await serializer.serialize('t', objects[0])
const messages = records.map(record => Buffer.concat([framed.subarray(0, 5), record]))

const cases = {
  'columns, 1 read': [COUNT, () => decoders[0].decode(ranges)],
  'columns, 3 read': [COUNT, () => decoders[1].decode(ranges)],
  'columns, 6 read': [COUNT, () => decoders[2].decode(ranges)],
  'row objects': [
    COUNT,
    () => {
      const rowAt = rowsOf(batchOf(numbers.decode(ranges)))
      for (let i = 0; i < COUNT; i++) rowAt(i)
    },
  ],
  'avsc objects': [
    COUNT,
    () => {
      for (const record of records) type.fromBuffer(record)
    },
  ],
  'confluent decode': [
    CONFLUENT_COUNT,
    async () => {
      for (let i = 0; i < CONFLUENT_COUNT; i++) await deserializer.deserialize('t', messages[i])
    },
  ],
  encode: [
    COUNT,
    () => {
      const out = new ByteWriter(ranges.data.length)
      for (let i = 0; i < COUNT; i++) encoder.encode(batch, i, out)
    },
  ],
  'confluent encode': [
    CONFLUENT_COUNT,
    async () => {
      for (let i = 0; i < CONFLUENT_COUNT; i++) await serializer.serialize('t', objects[i])
    },
  ],
}
const rates = Object.fromEntries(Object.keys(cases).map(name => [name, []]))
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, [count, run]] of Object.entries(cases)) {
    const before = performance.now()
    await run()
    const rate = (count / (performance.now() - before)) * 1000
    // The first round warms up.
    if (round > 0) rates[name].push(rate)
  }
}
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1]
for (const name of Object.keys(cases)) {
  const base = name.includes('encode') ? 'confluent encode' : 'confluent decode'
  const ratio = base => median(rates[name].map((rate, i) => rate / rates[base][i])).toFixed(1)
  const rate = Math.round(median(rates[name]) / 1000)
  console.log(
    `${name.padEnd(18)} ${rate} k/s, ${ratio(base)}x ${base}, ${ratio('avsc objects')}x avsc`,
  )
}
