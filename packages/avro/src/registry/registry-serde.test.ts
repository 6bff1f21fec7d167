import { bytes, deadLetter, deadLetterInfo, fromArray, schema, t } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { confluentAvro, confluentClient, confluentSerde } from '../../test/confluent.ts'
import { errorOf, registryWorld } from '../../test/registry-world.ts'
import { answerJson, scriptedServer } from '../../test/scripted-server.ts'
import { avro } from '../avro.ts'
import { registry } from './registry.ts'
import type { RegistryAvroOptions } from './registry-serde.ts'
import { idFrame } from './wire-frame.ts'

const ORDER = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'n', type: 'int' },
  ],
}
const ORDER_2 = {
  ...ORDER,
  fields: [...ORDER.fields, { name: 'vip', type: 'boolean', default: false }],
}
const Order = schema({ id: t.string(), n: t.int32() })
const ROWS = [
  { id: 'a', n: 1 },
  { id: 'b', n: -2 },
]

const world = registryWorld()
const appOf = () => world.app()
const create = { partitions: 1 }

async function write(rows: object[], options: Partial<RegistryAvroOptions> = {}, of = Order) {
  const app = appOf()
  const value = avro({ registry: world.embedded.url, schema: ORDER, ...options })
  const source = fromArray(rows as never[], { schema: of as never })
  app.dataframe(source).toTopic(app.topic('orders', { value, create }))
  await app.run({ until: 'end' })
}

async function read(options: Partial<RegistryAvroOptions> = {}): Promise<unknown[]> {
  const app = appOf()
  const value = avro({ registry: world.embedded.url, ...options })
  return await app.dataframe(app.topic('orders', { value, create })).collect()
}

interface Raw {
  readonly value: Buffer
  readonly headers: Record<string, Buffer>
}

/** Records as they are in the topic. */
async function raw(): Promise<Raw[]> {
  const app = appOf()
  const records: Raw[] = []
  const frame = app.dataframe(app.topic('orders', { value: bytes(), create }))
  await frame
    .withHeaders(({ value }, headers) => {
      const list = headers.map(each => [each.name, Buffer.from(each.value ?? [])])
      records.push({ value: Buffer.from(value), headers: Object.fromEntries(list) })
      return headers
    })
    .collect()
  return records
}

/** Writes records as they are. */
async function writeRaw(records: readonly Raw[]): Promise<void> {
  const app = appOf()
  const source = fromArray(
    records.map(({ value }) => ({ value })),
    { schema: schema({ value: t.bytes() }) },
  )
  let at = 0
  app
    .dataframe(source)
    .withHeaders(() =>
      Object.entries(records[at++]?.headers ?? {}).map(([name, value]) => ({ name, value })),
    )
    .toTopic(app.topic('orders', { value: bytes(), create }))
  await app.run({ until: 'end' })
}

function confluent() {
  return confluentClient.SchemaRegistryClient.newClient({
    baseURLs: [world.embedded.url],
    createAxiosDefaults: {},
  })
}

describe.each(['id', 'guid'] as const)('framing %s', framing => {
  test('rows come back as they were, by their schema or open', async () => {
    await registry(world.embedded.url).register('orders-value', JSON.stringify(ORDER))
    await write(ROWS, { framing })
    expect(await read({ readerSchema: ORDER })).toEqual(ROWS)
    expect(await read()).toEqual(ROWS)
  })

  test("Confluent's deserializer reads what is written", async () => {
    await write(ROWS, { framing, autoRegister: true })
    const { SerdeType } = confluentSerde
    const theirs = new confluentAvro.AvroDeserializer(confluent(), SerdeType.VALUE, {})
    const rows = []
    for (const { value, headers } of await raw()) {
      rows.push({ ...(await theirs.deserialize('orders', value, headers as never)) })
    }
    expect(rows).toEqual(ROWS)
  })

  test("what Confluent's serializer writes is read, of several writers in one topic", async () => {
    const schemas = registry(world.embedded.url)
    const ids = [
      await schemas.register('orders-value', JSON.stringify(ORDER)),
      await schemas.register('orders-value', JSON.stringify(ORDER_2)),
    ]
    const { SerdeType, HeaderSchemaIdSerializer, PrefixSchemaIdSerializer } = confluentSerde
    const schemaIdSerializer =
      framing === 'guid' ? HeaderSchemaIdSerializer : PrefixSchemaIdSerializer
    const records: Raw[] = []
    for (const [at, row] of [...ROWS, ...ROWS].entries()) {
      const theirs = new confluentAvro.AvroSerializer(confluent(), SerdeType.VALUE, {
        useSchemaId: ids[at % 2]!.id,
        schemaIdSerializer,
      })
      const headers = {}
      const value = await theirs.serialize('orders', { ...row, vip: true }, headers as never)
      records.push({ value, headers })
    }
    await writeRaw(records)
    expect(await read({ readerSchema: ORDER_2 })).toEqual([
      { id: 'a', n: 1, vip: false },
      { id: 'b', n: -2, vip: true },
      { id: 'a', n: 1, vip: false },
      { id: 'b', n: -2, vip: true },
    ])
  })
})

describe('which schema is written', () => {
  test('one that the subject does not have is refused, unless it may be registered', async () => {
    const error = await errorOf(write(ROWS))
    expect(error.code).toBe('SCHEMA_MISSING')
    expect(error.message).toContain('this schema under subject orders-value')
    await write(ROWS, { autoRegister: true })
    expect(await registry(world.embedded.url).versions('orders-value')).toEqual([1])
    await write(ROWS)
    expect(await read()).toEqual([...ROWS, ...ROWS])
  })

  test('the latest, by id, and by metadata', async () => {
    const schemas = registry(world.embedded.url)
    const metadata = { properties: { major: '1' } }
    const first = await schemas.register('orders-value', {
      schema: JSON.stringify(ORDER),
      metadata,
    })
    const second = await schemas.register('orders-value', JSON.stringify(ORDER_2))
    const of = { schema: undefined }
    await write(ROWS, { ...of, writer: 'latest' })
    await write(ROWS, { ...of, writer: { id: first.id } })
    await write(ROWS, { ...of, writer: { metadata: { major: '1' } } })
    const ids = (await raw()).map(({ value }) => value.readInt32BE(1))
    expect(ids).toEqual([second.id, second.id, first.id, first.id, first.id, first.id])
  })

  test('subjects by strategy, by name, by context', async () => {
    const schemas = registry(world.embedded.url)
    const subject = ({ topic, recordName }: { topic: string; recordName: string | null }) =>
      `${topic}/${recordName}`
    await write(ROWS, { autoRegister: true, subject })
    await write(ROWS, { autoRegister: true, subject: ':.team:mine' })
    expect(await schemas.versions('orders/Order')).toEqual([1])
    expect(await schemas.versions(':.team:mine')).toEqual([1])
  })

  test('an incompatible one is refused with the field', async () => {
    await registry(world.embedded.url).register('orders-value', JSON.stringify(ORDER))
    const needed = { ...ORDER, fields: [...ORDER.fields, { name: 'vip', type: 'boolean' }] }
    const of = schema({ id: t.string(), n: t.int32(), vip: t.boolean() })
    const rows = ROWS.map(row => ({ ...row, vip: true }))
    const error = await errorOf(write(rows, { schema: needed, autoRegister: true }, of as never))
    expect(error.code).toBe('SCHEMA_INCOMPATIBLE')
    expect(error.message).toContain('Order.vip: the new schema has this field, without a default')
  })
})

describe('mistakes are refused where they are made', () => {
  test('of options', () => {
    const make = (options: object) => () =>
      avro({ registry: world.embedded.url, ...options } as never)
    expect(make({ framing: 'x' })).toThrow("framing is 'id' or 'guid'")
    expect(make({ autoRegister: true })).toThrow('autoRegister registers `schema`')
    expect(make({ schema: 'recrod' })).toThrow('the Avro schema is not valid')
    expect(() => make({})().encoder(Order)).toThrow('no schema is guessed from rows')
  })

  test('of rows that do not fit', () => {
    const value = avro({ registry: world.embedded.url, schema: ORDER })
    expect(() => value.encoder(schema({ id: t.string() }))).toThrow('SCHEMA_MISMATCH')
  })
})

describe('bad records go to the policy, with their bytes', () => {
  async function lettersOf(records: readonly Buffer[], options: Partial<RegistryAvroOptions> = {}) {
    await writeRaw(records.map(value => ({ value, headers: {} })))
    const app = appOf()
    const dead = app.topic('dead', { value: bytes(), create })
    const value = avro({ registry: world.embedded.url, readerSchema: ORDER, ...options })
    const topic = app.topic('orders', { value, onError: deadLetter(dead), create })
    const good = app.topic('good', { create })
    app.dataframe(topic).toTopic(good)
    await app.run({ until: 'end' })
    const letters: { bytes: Buffer; why: string }[] = []
    const opened = app.dataframe(dead).withHeaders((row, headers) => {
      letters.push({
        bytes: Buffer.from(row.value),
        why: deadLetterInfo(headers)?.message ?? '',
      })
      return headers
    })
    await opened.collect()
    return { letters, good: await app.dataframe(good).collect() }
  }

  test('of every kind', async () => {
    const schemas = registry(world.embedded.url)
    const { id } = await schemas.register('orders-value', JSON.stringify(ORDER))
    const other = await schemas.register('other-value', JSON.stringify({ ...ORDER, name: 'Other' }))
    const row = Buffer.from([2, 0x61, 2])
    const records = [
      Buffer.concat([idFrame(id), row]),
      Buffer.alloc(0),
      Buffer.from('{"id":"a"}'),
      Buffer.of(0, 0, 0),
      Buffer.concat([idFrame(999), row]),
      Buffer.concat([idFrame(other.id), row]),
      Buffer.concat([idFrame(id), row.subarray(0, 2)]),
      Buffer.concat([idFrame(id), Buffer.of(0xfe, 0xff, 0xff, 0xff, 0x0f), row]),
      Buffer.concat([Buffer.alloc(1, 1), Buffer.alloc(16, 7), row]),
      Buffer.concat([idFrame(id), row]),
    ]
    const { letters, good } = await lettersOf(records)
    expect(good).toEqual([
      { id: 'a', n: 1 },
      { id: 'a', n: 1 },
    ])
    expect(letters.map(({ bytes }) => bytes)).toEqual(records.slice(1, -1))
    const reasons = letters.map(({ why }) => why)
    expect(reasons[0]).toContain('got 0 bytes')
    expect(reasons[1]).toContain('got a first byte 0x7b of 10 bytes')
    expect(reasons[2]).toContain('got 3 bytes')
    expect(reasons[3]).toContain('schema id 999')
    expect(reasons[4]).toContain('Other')
    expect(reasons[7]).toContain('schema GUID 07070707-0707-0707-0707-070707070707')
  })

  test('a registry that lies about one schema does not matter for others', async () => {
    const answers: Record<string, unknown> = {
      '/schemas/ids/1': { schema: JSON.stringify(ORDER) },
      '/schemas/ids/2': { schema: 'x'.repeat(10_000_000) },
      '/schemas/ids/3': { schema: '{"type":"record","name":"a\\"b","fields":[]}' },
      '/schemas/ids/4': { schema: '['.repeat(10_000) },
      '/schemas/ids/5': { schema: 7 },
      '/schemas/ids/6': { schema: '"A"', references: [{ name: 'A', subject: 'a', version: 1 }] },
      '/subjects/a/versions/1?deleted=true': {
        schema: '"A"',
        references: [{ name: 'A', subject: 'a', version: 1 }],
      },
      '/schemas/ids/7': { schema: JSON.stringify(ORDER), schemaType: 'JSON' },
    }
    const liar = await scriptedServer(({ path }, response) => answerJson(response, answers[path]))
    const ids = [1, 2, 3, 4, 5, 6, 7, 1]
    const records = ids.map(id => Buffer.concat([idFrame(id), Buffer.from([2, 0x61, 2])]))
    const { letters, good } = await lettersOf(records, { registry: liar.url })
    await liar.close()
    expect(good).toHaveLength(2)
    expect(letters.map(({ bytes }) => bytes.readInt32BE(1))).toEqual([2, 3, 4, 5, 6, 7])
    for (const { why } of letters) expect(why.length).toBeLessThan(1_000)
  })
})

describe('a registry that is away', () => {
  test('stops an application that needs it, and not one that has what it needs', async () => {
    await write(ROWS, { autoRegister: true })
    const schemas = registry({ urls: world.embedded.url, retries: 0 })
    expect(await read({ registry: schemas })).toEqual(ROWS)
    await world.embedded.close()
    expect(await read({ registry: schemas })).toEqual(ROWS)
    const error = await errorOf(read({ registry: { urls: world.embedded.url, retries: 0 } }))
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true })
    await world.embedded.start()
    expect(await read()).toEqual(ROWS)
  })

  test('a record whose schema is registered later is read later', async () => {
    const { id } = await registry(world.embedded.url).register('orders-value', '"int"')
    await writeRaw([
      { value: Buffer.concat([idFrame(id + 1), Buffer.from([2, 0x61, 2])]), headers: {} },
    ])
    const schemas = registry({ urls: world.embedded.url, missExpiryMs: 0 })
    expect((await errorOf(read({ registry: schemas }))).code).toBe('DECODE_FAILED')
    await registry(world.embedded.url).register('others-value', JSON.stringify(ORDER))
    expect(await read({ registry: schemas })).toEqual([{ id: 'a', n: 1 }])
  })
})
