/** Rules of a registry: records of a schema that has some, read by Confluent's own deserializer. */
import { bytes, fromArray, MillraceError, schema, skip, t } from '@millrace/core'
import { describe, expect, test } from 'vitest'
import { confluentAvro } from '../../test/confluent.ts'
import { registryWorld } from '../../test/registry-world.ts'
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
import { registry } from './registry.ts'
import type { RegistryAvroOptions } from './registry-serde.ts'
import { idFrame } from './wire-frame.ts'

const create = { partitions: 1 }

const world = registryWorld()
const appOf = () => world.app()

async function writeRaw(values: readonly Uint8Array[]): Promise<void> {
  const app = appOf()
  const rows = values.map(value => ({ value }))
  const source = fromArray(rows, { schema: schema({ value: t.bytes() }) })
  app.dataframe(source).toTopic(app.topic(TOPIC, { value: bytes(), create }))
  await app.run({ until: 'end' })
}

async function read(options: Partial<RegistryAvroOptions> = {}, onError = {}): Promise<unknown[]> {
  const app = appOf()
  const value = avro({ registry: world.embedded.url, readerSchema: ORDER, ...options })
  return await app.dataframe(app.topic(TOPIC, { value, create, ...onError })).collect()
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    reason => reason,
  )
  return MillraceError.is(error) ? error.code : String(error)
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
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [ENCRYPT] })
    const { serializer, deserializer } = serdesOf(client)
    const record = await serializer.serialize(TOPIC, message())
    expect(record.includes(Buffer.from('1234'))).toBe(false)
    await writeRaw([record, record])
    expect(await read({ rules: { deserializer } })).toEqual([ROW, ROW])
  })

  test('conditions refuse records, which go to the policy; transforms change them', async () => {
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [UPPER, CHECK] })
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
    const { client, id } = await register(world.embedded.url, ORDER, { domainRules: [UPPER] })
    const { serializer, deserializer } = serdesOf(client)
    const ruled = await serializer.serialize(TOPIC, message())
    const schemas = registry(world.embedded.url)
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
    const { client } = await register(world.embedded.url, ORDER, {})
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
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [UPPER] })
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
    const { client } = await register(world.embedded.url, ORDER, { domainRules: [ENCRYPT, UPPER] })
    await writeRaw([await serdesOf(client).serializer.serialize(TOPIC, message())])
    const reading = read({}, { onError: skip() })
    await expect(reading).rejects.toThrow(
      'NOT_SUPPORTED: schema id 1 has rules that readers have to run (encrypt-card, upper)',
    )
  })

  test('rules that are off, or of writers, change nothing for readers', async () => {
    const { client } = await register(world.embedded.url, ORDER, {
      domainRules: [
        { ...ENCRYPT, disabled: true },
        { ...CHECK, mode: 'WRITE' },
      ],
    })
    await writeRaw([await serdesOf(client).serializer.serialize(TOPIC, message())])
    expect(await read()).toEqual([ROW])
  })
})

test('what is no deserializer is said at once', () => {
  const of = (rules: unknown) => () => avro({ registry: 'http://localhost:1', rules } as never)
  expect(of({})).toThrow('rules have a deserializer, for reading, or a serializer, for writing')
  expect(of({ deserializer: {} })).toThrow('rules.deserializer is an AvroDeserializer')
  expect(of({ serializer: {} })).toThrow('rules.serializer is an AvroSerializer')
  const deserializer = { deserialize: async () => null }
  expect(of({ deserializer, gives: 'it' })).toThrow(`rules.gives is 'writer' or 'reader'; got "it"`)
  expect(of({ deserializer, gives: 'reader' })).toThrow('give the `readerSchema`')
})
