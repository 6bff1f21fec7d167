import { MillraceError } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { confluentClient } from '../../test/confluent.ts'
import { type EmbeddedRegistry, embeddedRegistry } from './embedded-registry.ts'
import { registry, SchemaRegistry } from './registry.ts'
import { RegistryConnection } from './registry-connection.ts'
import { registrySettings } from './registry-options.ts'

const ORDER = '{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}'
const ORDER_2 = ORDER.replace(
  '"string"}',
  '"string"},{"name":"n","type":["null","int"],"default":null}',
)

let embedded: EmbeddedRegistry

beforeEach(async () => {
  embedded = embeddedRegistry()
  await embedded.start()
})
afterEach(() => embedded.close())

/** A registry on a clock that is moved, with a list of what it asks. */
function counted(options: object = {}) {
  const settings = registrySettings({ urls: embedded.url, retries: 0, ...options })
  const clock = { ms: 0 }
  const connection = new RegistryConnection(settings, {
    now: () => clock.ms,
    sleep: () => Promise.resolve(),
    random: () => 1,
  })
  const asked: string[] = []
  const ask = connection.ask.bind(connection)
  connection.ask = call => {
    asked.push(`${call.method} ${call.path}`)
    return ask(call)
  }
  return { schemas: new SchemaRegistry(settings, connection), asked, clock }
}

function confluent() {
  return confluentClient.SchemaRegistryClient.newClient({
    baseURLs: [embedded.url],
    createAxiosDefaults: {},
  })
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    error => (MillraceError.is(error) ? error.code : String(error)),
  )
}

test('a schema is registered once and found in every way', async () => {
  const schemas = registry(embedded.url)
  const first = await schemas.register('orders-value', ORDER)
  const again = await schemas.register('orders-value', ORDER)
  const second = await schemas.register('orders-value', ORDER_2)
  expect(again.id).toBe(first.id)
  expect(second.id).not.toBe(first.id)

  expect(await schemas.versions('orders-value')).toEqual([1, 2])
  expect(await schemas.schemaById(first.id)).toMatchObject({ schema: ORDER, id: first.id })
  expect(await schemas.schemaByGuid(first.guid as string)).toMatchObject({ schema: ORDER })
  expect(await schemas.latest('orders-value')).toMatchObject({ schema: ORDER_2, version: 2 })
  expect(await schemas.version('orders-value', 1)).toMatchObject({ schema: ORDER, id: first.id })
  expect(await schemas.lookup('orders-value', ORDER)).toMatchObject({ version: 1, id: first.id })
  expect(await schemas.subjectsOf(first.id)).toEqual(['orders-value'])
})

test("Confluent's client and ours see the same", async () => {
  const ours = registry(embedded.url)
  const theirs = confluent()
  const id = await theirs.register('orders-value', { schema: ORDER, schemaType: 'AVRO' }, false)
  expect(await ours.latest('orders-value')).toMatchObject({ id, version: 1, schema: ORDER })
  const { guid } = await ours.register('orders-value', ORDER_2)
  expect(await theirs.getByGuid(guid as string)).toMatchObject({ schema: ORDER_2 })
  expect(await theirs.getLatestSchemaMetadata('orders-value')).toMatchObject({ version: 2, guid })
})

test('references come along, in an order in which they can be read', async () => {
  const schemas = registry(embedded.url)
  const record = (name: string, type: string) =>
    JSON.stringify({ type: 'record', name, fields: [{ name: 'x', type }] })
  const to = (name: string) => ({ name, subject: name, version: 1 })
  await schemas.register('A', record('A', 'int'))
  await schemas.register('B', { schema: record('B', 'A'), references: [to('A')] })
  const { id } = await schemas.register('C-value', {
    schema: record('C', 'B'),
    references: [to('B'), to('A')],
  })
  const { references } = await registry(embedded.url).schemaById(id)
  expect(references.map(({ name, schema }) => [name, JSON.parse(schema).name])).toEqual([
    ['A', 'A'],
    ['B', 'B'],
  ])
})

test('metadata chooses a version', async () => {
  const schemas = registry(embedded.url)
  const of = (schema: string, major: string) => ({ schema, metadata: { properties: { major } } })
  await schemas.register('orders-value', of(ORDER, '1'))
  await schemas.register('orders-value', of(ORDER_2, '2'))
  const first = await schemas.latestWithMetadata('orders-value', { major: '1' })
  expect(first).toMatchObject({ version: 1, metadata: { properties: { major: '1' } } })
  expect(await codeOf(schemas.latestWithMetadata('orders-value', { major: '3' }))).toBe(
    'SCHEMA_MISSING',
  )
})

test('contexts are put before subjects', async () => {
  const schemas = registry({ urls: embedded.url, context: '.team' })
  await schemas.register('orders-value', ORDER)
  await schemas.register(':.other:orders-value', ORDER_2)
  const plain = registry(embedded.url)
  expect(await plain.latest(':.team:orders-value')).toMatchObject({ schema: ORDER })
  expect(await codeOf(plain.latest('orders-value'))).toBe('SCHEMA_MISSING')
})

describe('what is known is not asked for again', () => {
  test('a schema by its id, for ever', async () => {
    const { schemas, asked, clock } = counted()
    const { id } = await schemas.register('orders-value', ORDER)
    const before = asked.length
    clock.ms = 1e12
    await schemas.schemaById(id)
    expect(asked.slice(before)).toEqual([])
  })

  test('many who ask at the same time share one request', async () => {
    const { id } = await registry(embedded.url).register('orders-value', ORDER)
    const { schemas, asked } = counted()
    const all = await Promise.all(Array.from({ length: 50 }, () => schemas.schemaById(id)))
    expect(new Set(all).size).toBe(1)
    expect(asked).toEqual([`GET /schemas/ids/${id}`])
  })

  test('the latest version, for a while', async () => {
    const { schemas, asked, clock } = counted({ latestExpiryMs: 1000 })
    await schemas.register('orders-value', ORDER)
    await schemas.latest('orders-value')
    await registry(embedded.url).register('orders-value', ORDER_2)
    clock.ms += 999
    expect(await schemas.latest('orders-value')).toMatchObject({ version: 1 })
    clock.ms += 1
    expect(await schemas.latest('orders-value')).toMatchObject({ version: 2 })
    expect(asked.filter(each => each.endsWith('latest'))).toHaveLength(2)
  })

  test('what is missing, for a short while, or until something is registered here', async () => {
    const { schemas, asked, clock } = counted({ missExpiryMs: 1000 })
    expect(await codeOf(schemas.schemaById(1))).toBe('SCHEMA_MISSING')
    expect(await codeOf(schemas.schemaById(1))).toBe('SCHEMA_MISSING')
    expect(asked).toHaveLength(1)
    await registry(embedded.url).register('orders-value', ORDER)
    clock.ms += 1000
    expect(await schemas.schemaById(1)).toMatchObject({ schema: ORDER })

    expect(await codeOf(schemas.schemaById(2))).toBe('SCHEMA_MISSING')
    await schemas.register('orders-value', ORDER_2)
    expect(await schemas.schemaById(2)).toMatchObject({ schema: ORDER_2 })
  })

  test('a registry that is away does not matter for what was read before', async () => {
    const { schemas } = counted()
    const { id } = await schemas.register('orders-value', ORDER)
    const { guid } = await schemas.latest('orders-value')
    await schemas.schemaByGuid(guid as string)
    await embedded.close()
    expect(await schemas.schemaById(id)).toMatchObject({ schema: ORDER })
    expect(await schemas.schemaByGuid(guid as string)).toMatchObject({ schema: ORDER })
    expect(await codeOf(schemas.schemaById(id + 1))).toBe('REGISTRY_UNREACHABLE')
    await embedded.start()
    expect(await codeOf(schemas.schemaById(id + 1))).toBe('SCHEMA_MISSING')
  })
})

describe('what is wrong is said', () => {
  test('a subject that is none', () => {
    const schemas = registry(embedded.url)
    expect(() => schemas.latest('')).toThrow('a subject is a text of 1 to 1,000 characters')
  })

  test('a schema that is missing, with where it was looked for', async () => {
    const schemas = registry(embedded.url)
    await expect(schemas.lookup('orders-value', ORDER)).rejects.toThrow(
      `SCHEMA_MISSING: the schema registry ${embedded.url} does not have this schema under ` +
        "subject orders-value: Subject 'orders-value' not found.",
    )
    expect(await schemas.versions('orders-value')).toEqual([])
  })

  test('a schema that is no Avro', async () => {
    const theirs = confluent()
    const id = await theirs.register('p-value', { schema: 'syntax', schemaType: 'PROTOBUF' }, false)
    await expect(registry(embedded.url).schemaById(id)).rejects.toThrow(
      `does not have schema id ${id}: it is of type PROTOBUF, not AVRO`,
    )
  })
})

describe('compatibility', () => {
  const NEEDED = ORDER_2.replace(',"default":null', '')

  test('the verdict of the registry, with our reasons', async () => {
    const schemas = registry(embedded.url)
    await schemas.register('orders-value', ORDER)
    expect(await schemas.compatibilityMode('orders-value')).toBe('BACKWARD')
    expect(await schemas.compatibility('orders-value', ORDER_2)).toMatchObject({
      isCompatible: true,
      conflicts: [],
    })
    await schemas.requireCompatible('orders-value', ORDER_2)
    const verdict = await schemas.compatibility('orders-value', NEEDED)
    expect(verdict).toMatchObject({
      mode: 'BACKWARD',
      isCompatible: false,
      conflicts: [{ path: 'Order.n', rule: 'field-without-default', version: 1 }],
    })
    await expect(schemas.requireCompatible('orders-value', NEEDED)).rejects.toThrow(
      'Order.n: the new schema has this field, without a default, and version 1 does not write it.',
    )
    await expect(schemas.register('orders-value', NEEDED)).rejects.toThrow(
      'SCHEMA_INCOMPATIBLE: the schema is not BACKWARD compatible with subject orders-value',
    )
    await schemas.setCompatibilityMode('orders-value', 'NONE')
    expect(await schemas.compatibility('orders-value', NEEDED)).toMatchObject({
      mode: 'NONE',
      isCompatible: true,
      conflicts: [],
    })
    await schemas.register('orders-value', NEEDED)
  })

  test('a new subject takes anything that is a schema', async () => {
    const schemas = registry(embedded.url)
    expect((await schemas.compatibility('orders-value', ORDER)).isCompatible).toBe(true)
    expect(await codeOf(schemas.register('orders-value', '{"type":"recrod"}'))).toBe(
      'REGISTRY_REFUSED',
    )
  })

  test('a registry that takes what cannot be read is told apart', async () => {
    const theirs = confluent()
    await theirs.register('orders-value', { schema: ORDER, schemaType: 'AVRO' }, false)
    await theirs.updateCompatibility('orders-value', 'NONE' as never)
    const ours = registry(embedded.url)
    expect((await ours.compatibility('orders-value', NEEDED)).isCompatible).toBe(true)
  })
})
