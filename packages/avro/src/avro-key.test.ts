import {
  type Application,
  ByteWriter,
  bytes,
  count,
  fromArray,
  json,
  type ScalarSerde,
  schema,
  type Topic,
  t,
  tumbling,
} from '@millrace/core'
import { testSerde } from '@millrace/core/testing'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { confluentAvro, confluentClient, confluentSerde } from '../test/confluent.ts'
import { registryWorld } from '../test/registry-world.ts'
import { avro } from './avro.ts'
import { avroKey } from './avro-key.ts'
import { idFrame } from './registry/wire-frame.ts'

const KEY = {
  type: 'record',
  name: 'OrderKey',
  fields: [
    { name: 'shop', type: 'string' },
    { name: 'id', type: 'long' },
  ],
} as const
const BOTH = {
  type: 'record',
  name: 'Both',
  fields: [
    { name: 'key', type: KEY },
    { name: 'n', type: 'int' },
  ],
} as const
const Order = schema({ key: t.json(), n: t.int32() })
const Value = schema({ n: t.int32() })
const ROWS = [
  { key: { shop: 'a', id: 1n }, n: 1 },
  { key: { shop: 'b', id: -1n }, n: 2 },
  { key: { shop: 'a', id: 1n }, n: 3 },
]
const KEY_BYTES = ['026102', '026201', '026102']

const world = registryWorld()
const appOf = () => world.app()
const create = { partitions: 1 }

// biome-ignore lint/suspicious/noExplicitAny: keys of any cell.
function ordersOf(app: Application, key: ScalarSerde<any>) {
  return app.topic('orders', { key, keyColumn: 'key', value: json(Value), create })
}

async function write(key: ScalarSerde): Promise<void> {
  const app = appOf()
  app.dataframe(fromArray(ROWS, { schema: Order })).toTopic(ordersOf(app, key))
  await app.run({ until: 'end' })
}

const read = async (key: ScalarSerde): Promise<unknown[]> => {
  const app = appOf()
  const rows = await app.dataframe(ordersOf(app, key)).collect()
  return rows.map(row => ({ key: row.key, n: row.n }))
}

/** Keys as they are in the topic. */
async function rawKeys(): Promise<string[]> {
  const rows = await read(bytes())
  return rows.map(row => Buffer.from((row as { key: Uint8Array }).key).toString('hex'))
}

const hooks = { describe, test, expect }
const cells = (...values: unknown[]) => values.map(value => ({ value }) as never)
const unwritable = [schema({}), schema({ value: t.boolean() })]
testSerde(hooks, () => avroKey('string'), {
  rows: cells('a', '', 'ü'),
  bad: [{ bytes: Buffer.from([2, 0xff]) }, { bytes: Buffer.from([0, 0]) }],
  unwritable,
})
testSerde(hooks, () => avroKey(KEY, { encoding: 'single-object' }), {
  rows: cells({ shop: 'a', id: 2n ** 62n }),
  bad: [{ bytes: Buffer.alloc(0) }, { bytes: Buffer.from([0xc3, 1]) }],
  unwritable: [schema({})],
})

test('a key has the type of its literal', () => {
  expectTypeOf(avroKey(KEY)).toEqualTypeOf<ScalarSerde<{ shop: string; id: bigint }>>()
  expectTypeOf(avroKey('long', { long: 'number' })).toEqualTypeOf<ScalarSerde<number>>()
  const registered = avroKey({ registry: 'http://localhost:1', readerSchema: KEY })
  expectTypeOf(registered).toEqualTypeOf<ScalarSerde<{ shop: string; id: bigint }>>()
  const app = appOf()
  const orders = app.topic('t', { key: avroKey(KEY), keyColumn: 'key', value: json(Value) })
  expectTypeOf<(typeof orders.row)['key']['id']>().toEqualTypeOf<bigint>()
})

test('record keys are written and read, one column of objects', async () => {
  await write(avroKey(KEY))
  expect(await rawKeys()).toEqual(KEY_BYTES)
  expect(await read(avroKey(KEY))).toEqual(ROWS)
})

test('a key is read as another schema says', async () => {
  await write(avroKey(KEY))
  const fields = [
    { name: 'shop', type: 'string' },
    { name: 'zone', type: 'int', default: 7 },
  ]
  const readerSchema = { type: 'record', name: 'OrderKey', fields }
  const [row] = await read(avroKey(KEY, { readerSchema }))
  expect(row).toEqual({ key: { shop: 'a', zone: 7 }, n: 1 })
})

test('a record key that the value has too is compared with it', async () => {
  for (const [id, code] of [
    [1n, null],
    [9n, 'KEY_MISMATCH'],
  ] as const) {
    const app = appOf()
    const topic = app.topic(`both-${id}`, {
      key: bytes(),
      keyColumn: 'raw',
      value: avro(BOTH),
      create,
    })
    const rows = [{ raw: Buffer.from('026102', 'hex'), key: { shop: 'a', id }, n: 1 }]
    const Raw = schema({ raw: t.bytes(), key: t.json(), n: t.int32() })
    app.dataframe(fromArray(rows, { schema: Raw })).toTopic(topic as Topic)
    await app.run({ until: 'end' })
    const reader = appOf()
    const key = { key: avroKey(KEY), keyColumn: 'key' } as const
    const read = reader.dataframe(reader.topic(topic.name, { ...key, value: avro(BOTH) })).collect()
    if (code === null) expect(await read).toEqual([{ key: { shop: 'a', id }, n: 1 }])
    else await expect(read).rejects.toThrow(code)
  }
})

test('fields of a key can be grouped by', async () => {
  await write(avroKey(KEY))
  const app = appOf()
  const rows = await app
    .dataframe(ordersOf(app, avroKey(KEY)))
    .withColumns(c => ({ shop: c.key.get('shop').as(t.string()) }))
    .groupBy('shop')
    .window(tumbling('1h'), { name: 'w' })
    .agg(() => ({ n: count() }))
    .final()
    .collect({ flush: true })
  expect(rows.map(({ shop, n }) => [shop, n])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
})

test('a record key as it is cannot be grouped by, which is said', async () => {
  await write(avroKey(KEY))
  const app = appOf()
  const rows = app
    .dataframe(ordersOf(app, avroKey(KEY)))
    .groupBy('key')
    .window(tumbling('1h'), { name: 'w' })
    .agg(() => ({ n: count() }))
    .final()
    .collect({ flush: true })
  await expect(rows).rejects.toThrow(
    'a grouping column holds an object where text, a number, a boolean or null is expected',
  )
})

test('what a key cannot be is said', async () => {
  expect(() => avroKey(['null', 'string'])).toThrow('a null key has no bytes')
  expect(() => avroKey({ registry: world.embedded.url })).toThrow(
    'give `schema`, or `readerSchema`',
  )
  const out = new ByteWriter()
  expect(() => avroKey(KEY).encodeCell({ shop: 5, id: 1n } as never, out)).toThrow(
    'ENCODE_FAILED: the Avro schema takes text; got 5. Cast or mend the column before. (at column "key.shop")',
  )
  expect(out.size).toBe(0)
})

describe('with a registry', () => {
  const options = () => ({ registry: world.embedded.url, schema: KEY, autoRegister: true }) as const

  test('keys have the id of the schema of their subject in front', async () => {
    await write(avroKey(options()))
    const id = idFrame(1).toString('hex')
    expect(await rawKeys()).toEqual(KEY_BYTES.map(key => id + key))
    expect(await read(avroKey(options()))).toEqual(ROWS)
    expect(await read(avroKey({ registry: world.embedded.url, readerSchema: KEY }))).toEqual(ROWS)
    const subjects = await fetch(`${world.embedded.url}/subjects`).then(answer => answer.json())
    expect(subjects).toEqual(['orders-key'])
  })

  test('with framing guid a header of its own says it', async () => {
    await write(avroKey({ ...options(), framing: 'guid' }))
    expect(await rawKeys()).toEqual(KEY_BYTES)
    expect(await read(avroKey({ ...options(), framing: 'guid' }))).toEqual(ROWS)
  })

  test("Confluent's deserializer reads them, and we read its keys", async () => {
    await write(avroKey(options()))
    const client = new confluentClient.SchemaRegistryClient({ baseURLs: [world.embedded.url] })
    const { KEY: part } = confluentSerde.SerdeType
    const deserializer = new confluentAvro.AvroDeserializer(client, part, {})
    const serializer = new confluentAvro.AvroSerializer(client, part, { useLatestVersion: true })
    const [key] = await rawKeys()
    const theirs = await deserializer.deserialize('orders', Buffer.from(key as string, 'hex'))
    expect(theirs).toEqual({ shop: 'a', id: 1 })
    const written = await serializer.serialize('orders', { shop: 'a', id: 1 })
    expect(written.toString('hex')).toBe(key)
  })

  test('to write, a schema is needed; a bad key goes to the policy', async () => {
    await write(avroKey(options()))
    await expect(
      write(avroKey({ registry: world.embedded.url, readerSchema: KEY })),
    ).rejects.toThrow('to write records, give `schema` or `writer`')
    await expect(
      read(avroKey({ registry: world.embedded.url, readerSchema: 'int' })),
    ).rejects.toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }))
  })
})
