/** Rules of a registry: a schema that has some, run by Confluent's own deserializer. */
import {
  Application,
  bytes,
  fromArray,
  InMemoryBroker,
  inMemory,
  MillraceError,
  schema,
  skip,
  t,
} from '@millrace/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  confluentAvro,
  confluentCel,
  confluentCelField,
  confluentEncryption,
  confluentJsonata,
  confluentLocalKms,
  confluentMock,
  confluentRules,
  confluentSerde,
} from '../../test/confluent.ts'
import { avro } from '../avro.ts'
import { type EmbeddedRegistry, embeddedRegistry } from './embedded-registry.ts'
import { registry } from './registry.ts'
import type { RegistryAvroOptions } from './registry-serde.ts'
import { idFrame } from './wire-frame.ts'

const ORDER = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'card', type: ['null', 'string'], default: null, 'confluent:tags': ['PII'] },
    { name: 'cents', type: 'long' },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'how', type: ['null', 'int', 'double'], default: null },
  ],
} as const
const ROW = {
  id: 'a',
  card: '1234',
  cents: 9_007_199_254_740_990n,
  price: '12.50',
  at: 1_700_000_000_000,
  how: { double: 0.5 },
}
/** As Confluent's serdes have it: no logical types, no bigints. Its rules change what they get. */
const message = (id = 'a') => {
  return { ...ROW, id, cents: 9_007_199_254_740_990, price: Buffer.from('04e2', 'hex') }
}
const TOPIC = 'orders'
const create = { partitions: 1 }
const { VALUE } = confluentSerde.SerdeType

let embedded: EmbeddedRegistry
let broker: InMemoryBroker
let nth = 0

beforeEach(async () => {
  embedded = embeddedRegistry()
  await embedded.start()
  broker = new InMemoryBroker()
})
afterEach(() => embedded.close())

const appOf = () => new Application({ id: `app-${nth++}`, broker: inMemory(broker) })

type Rule = Readonly<Record<string, unknown>>

/** The schema with rules in the registry, and in the one that Confluent's serdes ask. */
async function register(schemaOf: unknown, ruleSet: object) {
  const text = JSON.stringify(schemaOf)
  const schemas = registry(embedded.url)
  const { id } = await schemas.register(`${TOPIC}-value`, { schema: text, ruleSet })
  schemas.close()
  const client = new confluentMock.MockClient({ baseURLs: ['mock://'] })
  const info = { schemaType: 'AVRO', schema: text, ruleSet: ruleSet as never }
  expect(await client.register(`${TOPIC}-value`, info, false)).toBe(id)
  return { id, client }
}

type Client = Awaited<ReturnType<typeof register>>['client']

function executors() {
  confluentLocalKms.LocalKmsDriver.register()
  const rules = new confluentRules.RuleRegistry()
  rules.registerExecutor(new confluentCel.CelExecutor())
  rules.registerExecutor(new confluentCelField.CelFieldExecutor())
  rules.registerExecutor(new confluentJsonata.JsonataExecutor())
  rules.registerExecutor(new confluentEncryption.FieldEncryptionExecutor())
  return rules
}

function serdesOf(client: Client) {
  const [rules, config] = [executors(), { ruleConfig: { secret: 'mysecret' } }]
  const write = { ...config, useLatestVersion: true }
  return {
    serializer: new confluentAvro.AvroSerializer(client, VALUE, write, rules),
    deserializer: new confluentAvro.AvroDeserializer(client, VALUE, config, rules),
  }
}

async function writeRaw(values: readonly Uint8Array[]): Promise<void> {
  const app = appOf()
  const rows = values.map(value => ({ value }))
  const source = fromArray(rows, { schema: schema({ value: t.bytes() }) })
  app.dataframe(source).toTopic(app.topic(TOPIC, { value: bytes(), create }))
  await app.run({ until: 'end' })
}

async function read(options: Partial<RegistryAvroOptions> = {}, onError = {}): Promise<unknown[]> {
  const app = appOf()
  const value = avro({ registry: embedded.url, readerSchema: ORDER, ...options })
  return await app.dataframe(app.topic(TOPIC, { value, create, ...onError })).collect()
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    reason => reason,
  )
  return MillraceError.is(error) ? error.code : String(error)
}

const ENCRYPT: Rule = {
  name: 'encrypt-card',
  kind: 'TRANSFORM',
  type: 'ENCRYPT',
  mode: 'WRITEREAD',
  tags: ['PII'],
  params: {
    'encrypt.kek.name': 'kek1',
    'encrypt.kms.type': 'local-kms',
    'encrypt.kms.key.id': 'mykey',
  },
  onFailure: 'ERROR,ERROR',
}
const CHECK: Rule = {
  name: 'not-bad',
  kind: 'CONDITION',
  type: 'CEL_FIELD',
  mode: 'READ',
  expr: "name == 'id' ; value != 'bad'",
}
const UPPER: Rule = {
  name: 'upper',
  kind: 'TRANSFORM',
  type: 'CEL_FIELD',
  mode: 'READ',
  expr: "name == 'id' ; value + '!'",
}

describe('with the deserializer that runs them', () => {
  test('encrypted fields are read, with every type as it is elsewhere', async () => {
    const { client } = await register(ORDER, { domainRules: [ENCRYPT] })
    const { serializer, deserializer } = serdesOf(client)
    const record = await serializer.serialize(TOPIC, message())
    expect(record.includes(Buffer.from('1234'))).toBe(false)
    await writeRaw([record, record])
    expect(await read({ rules: { deserializer } })).toEqual([ROW, ROW])
  })

  test('conditions refuse records, which go to the policy; transforms change them', async () => {
    const { client } = await register(ORDER, { domainRules: [UPPER, CHECK] })
    const { serializer, deserializer } = serdesOf(client)
    const records = []
    for (const id of ['a', 'bad', 'c']) {
      records.push(await serializer.serialize(TOPIC, message(id)))
    }
    await writeRaw(records)
    const rows = await read({ rules: { deserializer } }, { onError: skip() })
    // Rules of readers are run from the last to the first.
    expect(rows.map(row => (row as { id: string }).id)).toEqual(['a!', 'c!'])
  })

  test('records of schemas without rules beside them are read as ever', async () => {
    const { client, id } = await register(ORDER, { domainRules: [UPPER] })
    const { serializer, deserializer } = serdesOf(client)
    const ruled = await serializer.serialize(TOPIC, message())
    const schemas = registry(embedded.url)
    const plain = await schemas.register(`${TOPIC}-value`, JSON.stringify(ORDER))
    schemas.close()
    expect(plain.id).not.toBe(id)
    await writeRaw([Buffer.concat([idFrame(plain.id), ruled.subarray(5)]), ruled])
    const asked: unknown[] = []
    const noting = {
      deserialize: (topic: string, payload: Buffer) => {
        asked.push(topic)
        return deserializer.deserialize(topic, payload)
      },
    }
    expect(await read({ rules: { deserializer: noting } })).toEqual([ROW, { ...ROW, id: 'a!' }])
    expect(asked).toEqual([TOPIC])
  })

  test('migrations: values of the latest schema, whatever they were written with', async () => {
    const second = {
      ...ORDER,
      fields: ORDER.fields.map(field => (field.name === 'id' ? { ...field, name: 'key' } : field)),
    }
    const { client } = await register(ORDER, {})
    const record = await serdesOf(client).serializer.serialize(TOPIC, message())
    await writeRaw([record])
    const rename: Rule = {
      name: 'rename',
      kind: 'TRANSFORM',
      type: 'JSONATA',
      mode: 'UPGRADE',
      expr: "$merge([$sift($, function($v, $k) {$k != 'id'}), {'key': $.'id'}])",
    }
    const info = {
      schemaType: 'AVRO',
      schema: JSON.stringify(second),
      ruleSet: { migrationRules: [rename] as never },
    }
    await client.register(`${TOPIC}-value`, info, false)
    const config = { useLatestVersion: true }
    const deserializer = new confluentAvro.AvroDeserializer(client, VALUE, config, executors())
    const rules = { deserializer, gives: 'reader' as const }
    const { id, ...rest } = ROW
    expect(await read({ readerSchema: second, rules })).toEqual([{ ...rest, key: id }])
  })

  test('what it cannot reach stops the run; what it cannot read is a bad record', async () => {
    const { client } = await register(ORDER, { domainRules: [UPPER] })
    await writeRaw([await serdesOf(client).serializer.serialize(TOPIC, message())])
    const failing = (error: unknown) => {
      return { rules: { deserializer: { deserialize: () => Promise.reject(error) } } }
    }
    const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    expect(await codeOf(read(failing(away), { onError: skip() }))).toBe('REGISTRY_UNREACHABLE')
    expect(await read(failing(new Error('not so')), { onError: skip() })).toEqual([])
    await expect(read(failing(new Error('not so')))).rejects.toThrow('not so')
    const odd = { rules: { deserializer: { deserialize: async () => ({ id: 5 }) } } }
    await expect(read(odd)).rejects.toThrow('DECODE_FAILED: expected text, got 5')
  })
})

describe('without it', () => {
  test('a schema with rules for readers stops the run and names them', async () => {
    const { client } = await register(ORDER, { domainRules: [ENCRYPT, UPPER] })
    await writeRaw([await serdesOf(client).serializer.serialize(TOPIC, message())])
    const reading = read({}, { onError: skip() })
    await expect(reading).rejects.toThrow(
      'NOT_SUPPORTED: schema id 1 has rules that readers have to run (encrypt-card, upper)',
    )
  })

  test('rules that are off, or of writers, change nothing for readers', async () => {
    const { client } = await register(ORDER, {
      domainRules: [
        { ...ENCRYPT, disabled: true },
        { ...CHECK, mode: 'WRITE' },
      ],
    })
    await writeRaw([await serdesOf(client).serializer.serialize(TOPIC, message())])
    expect(await read()).toEqual([ROW])
  })

  test('a schema with rules for writers is not written with', async () => {
    await register(ORDER, { domainRules: [ENCRYPT] })
    const app = appOf()
    const value = avro({ registry: embedded.url, writer: 'latest' })
    const source = fromArray([{ id: 'a' }], { schema: schema({ id: t.string() }) })
    app.dataframe(source).toTopic(app.topic(TOPIC, { value, create }))
    await expect(app.run({ until: 'end' })).rejects.toThrow(
      'NOT_SUPPORTED: schema id 1 has rules that writers have to run (encrypt-card)',
    )
  })
})

test('what is no deserializer is said at once', () => {
  const of = (rules: unknown) => () => avro({ registry: 'http://localhost:1', rules } as never)
  expect(of({})).toThrow('rules.deserializer is an AvroDeserializer')
  const deserializer = { deserialize: async () => null }
  expect(of({ deserializer, gives: 'it' })).toThrow(`rules.gives is 'writer' or 'reader'; got "it"`)
  expect(of({ deserializer, gives: 'reader' })).toThrow('give the `readerSchema`')
})
