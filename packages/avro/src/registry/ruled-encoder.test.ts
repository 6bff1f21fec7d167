/** Rules of a registry: records written with a schema that has some, by Confluent's serializer. */
import { ByteWriter, bytes, fromArray, schema, skip, t } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { batchOfRows } from '../../test/batch-of.ts'
import { confluentAvro, confluentSerde } from '../../test/confluent.ts'
import { errorOf, registryWorld } from '../../test/registry-world.ts'
import {
  ENCRYPT,
  executors,
  message,
  ORDER,
  ROW,
  type Rule,
  register,
  serdesOf,
  TOPIC,
  VALUE,
} from '../../test/ruled-orders.ts'
import { avro } from '../avro.ts'
import { avroKey } from '../avro-key.ts'
import { registry } from './registry.ts'
import type { RegistryAvroOptions } from './registry-serde.ts'
import type { RecordSerializer } from './ruled-records.ts'

const create = { partitions: 1 }
const Order = schema({
  id: t.string(),
  card: t.string().nullable(),
  cents: t.int64(),
  price: t.string(),
  at: t.timestamp({ unit: 'ms' }),
  how: t.json().nullable(),
})
const CHECK: Rule = {
  name: 'not-bad',
  kind: 'CONDITION',
  type: 'CEL_FIELD',
  mode: 'WRITE',
  expr: "name == 'id' ; value != 'bad'",
}

const world = registryWorld()
const appOf = () => world.app()

async function write(
  rows: readonly object[],
  options: Partial<RegistryAvroOptions>,
  onError = {},
): Promise<void> {
  const app = appOf()
  const value = avro({ registry: world.embedded.url, writer: 'latest', ...options })
  const source = fromArray(rows as never, { schema: Order })
  app.dataframe(source).toTopic(app.topic(TOPIC, { value, create }), onError)
  await app.run({ until: 'end' })
}

async function raw(): Promise<Buffer[]> {
  const app = appOf()
  const rows = await app.dataframe(app.topic(TOPIC, { value: bytes(), create })).collect()
  return rows.map(({ value }) => Buffer.from(value))
}

async function read(options: Partial<RegistryAvroOptions> = {}): Promise<unknown[]> {
  const app = appOf()
  const value = avro({ registry: world.embedded.url, readerSchema: ORDER, ...options })
  return await app.dataframe(app.topic(TOPIC, { value, create })).collect()
}

const ids = (rows: readonly unknown[]) => rows.map(row => (row as { id: string }).id)

describe('with the serializer that runs them', () => {
  test('fields are encrypted, and rows come back as they were', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [ENCRYPT] })
    const { serializer, deserializer } = serdesOf(client)
    const rows = [ROW, { ...ROW, id: 'b', card: null, how: { int: 3 } }, { ...ROW, how: null }]
    await write(rows, { rules: { serializer } })
    const written = await raw()
    expect(written.map(each => each.includes(Buffer.from('1234')))).toEqual([false, false, false])
    expect(await deserializer.deserialize(TOPIC, written[0] as Buffer)).toEqual(message())
    expect(await read({ rules: { deserializer } })).toEqual(rows)
  })

  test('a record that is refused goes to the policy; the others keep their order', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const { serializer } = serdesOf(client)
    const names = Array.from({ length: 100 }, (_, i) => (i % 7 === 3 ? 'bad' : `id-${i}`))
    const rows = names.map(id => ({ ...ROW, id }))
    // Who is asked first does not answer first.
    let asked = 0
    const uneven: RecordSerializer = {
      serialize: async (...given) => {
        for (let turns = (asked++ * 7) % 11; turns > 0; turns--) await null
        return serializer.serialize(...given)
      },
    }
    await write(rows, { rules: { serializer: uneven } }, { onError: skip() })
    expect(ids(await read())).toEqual(names.filter(id => id !== 'bad'))
    const error = await errorOf(write(rows, { rules: { serializer } }))
    expect(error).toMatchObject({ code: 'ENCODE_FAILED', place: { step: 'toTopic#1' } })
    expect(String(error)).toMatch(/the serializer of rules refuses the record: .*not-bad/)
  })

  test('what no message can hold is a bad record, with its field', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const { serializer } = serdesOf(client)
    const large = { ...ROW, cents: 2n ** 60n }
    const error = await errorOf(write([large], { rules: { serializer } }))
    expect(error).toMatchObject({ code: 'ENCODE_FAILED', place: { field: 'cents' } })
    const precise = { ...ROW, price: '1.234' }
    expect(await errorOf(write([precise], { rules: { serializer } }))).toMatchObject({
      code: 'ENCODE_FAILED',
      place: { field: 'price' },
    })
  })

  test('is not asked where no rule is to be run', async () => {
    await register(world.embedded.url, ORDER, { domainRules: [{ ...CHECK, mode: 'READ' }] })
    const never: RecordSerializer = { serialize: () => Promise.reject(new Error('asked')) }
    await write([ROW], { rules: { serializer: never } })
    expect(await raw()).toHaveLength(1)
  })

  test('is given the records that have a value and are selected', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const { serializer } = serdesOf(client)
    const asked: unknown[] = []
    const noting: RecordSerializer = {
      serialize(topic, given, headers) {
        asked.push((given as { id: string }).id)
        return serializer.serialize(topic, given, headers)
      },
    }
    const whole = batchOfRows(
      Order,
      ['a', 'gone', 'c', 'left'].map(id => ({ ...ROW, id })),
    )
    const batch = whole.with({
      records: { ...whole.records, tombstones: Uint8Array.of(0b0010) },
      selection: Int32Array.of(0, 1, 2),
    })
    const serde = avro({
      registry: world.embedded.url,
      writer: 'latest',
      rules: { serializer: noting },
    })
    const encoder = (serde.at?.({ topic: TOPIC, part: 'value' }) ?? serde).encoder(Order)
    await encoder.prepare?.()
    await encoder.prefetch?.(batch)
    expect(asked).toEqual(['a', 'c'])
    const nothing = batch.with({ selection: Int32Array.of(1) })
    expect(encoder.prefetch?.(nothing)).toBeUndefined()
    // What was fetched is of the batch before.
    expect(() => encoder.encode(batch, 0, new ByteWriter())).toThrow('INTERNAL')
  })

  test('in the framing that was chosen, by both', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const { HeaderSchemaIdSerializer } = confluentSerde
    const config = { useLatestVersion: true, schemaIdSerializer: HeaderSchemaIdSerializer }
    const serializer = new confluentAvro.AvroSerializer(client, VALUE, config, executors())
    const latest = await registry(world.embedded.url).latest(`${TOPIC}-value`)
    // Their registry gives GUIDs of its own.
    const named: RecordSerializer = {
      serialize: async (topic, given, headers) => {
        const payload = await serializer.serialize(topic, given, headers)
        const guid = Buffer.from((latest.guid as string).replaceAll('-', ''), 'hex')
        expect(headers['__value_schema_id']).toBeInstanceOf(Buffer)
        headers['__value_schema_id'] = Buffer.concat([Buffer.of(1), guid])
        return payload
      },
    }
    await write([ROW], { framing: 'guid', rules: { serializer: named } })
    expect(await read()).toEqual([ROW])
    // In a header what is to stand in front, and the GUID of another registry.
    for (const options of [
      { rules: { serializer: named } },
      { framing: 'guid' as const, rules: { serializer } },
    ]) {
      const error = await errorOf(write([ROW], options, { onError: skip() }))
      expect(error.code).toBe('SCHEMA_MISMATCH')
    }
  })
})

describe('the run stops', () => {
  test('when the serializer writes with another schema', async () => {
    const { client, id } = await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const newer = { ...ORDER, doc: 'newer' }
    await register(world.embedded.url, newer, { domainRules: [CHECK] }, client)
    const { serializer } = serdesOf(client)
    const options = { writer: { id }, rules: { serializer } }
    const error = await errorOf(write([ROW], options, { onError: skip() }))
    expect(error.code).toBe('SCHEMA_MISMATCH')
    expect(String(error)).toMatch(/does not write with schema id 1, which was chosen/)
    await write([ROW], { rules: { serializer } })
    expect(await read()).toEqual([ROW])
  })

  test('when it cannot reach what it needs', async () => {
    await register(world.embedded.url, ORDER, { domainRules: [CHECK] })
    const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const serializer = { serialize: () => Promise.reject(away) }
    const error = await errorOf(write([ROW], { rules: { serializer } }, { onError: skip() }))
    expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true })
  })

  test('when nobody runs the rules', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [ENCRYPT] })
    const { deserializer } = serdesOf(client)
    for (const options of [{}, { rules: { deserializer } }]) {
      await expect(write([ROW], options)).rejects.toThrow(
        'NOT_SUPPORTED: schema id 1 has rules that writers have to run (encrypt-card)',
      )
    }
  })
})

test('keys are not written with rules, which is said at once', () => {
  const rules = { serializer: { serialize: async () => Buffer.alloc(0) } }
  const make = () => avroKey({ registry: 'http://localhost:1', schema: 'string', rules })
  expect(make).toThrow('keys are not written with rules')
})
