/**
 * The client of registries against a real one: Apicurio, which is not Confluent's, with its API.
 */
import { COMPATIBILITY_MODES, type CompatibilityMode, registry } from '@millrace/avro'
import { MillraceError } from '@millrace/core'
import { describe, expect, inject, test } from 'vitest'
import { startRegistry } from '../../scripts/services/registry.mjs'

const { url, missing } = inject('registry')
const title = missing === '' ? 'Apicurio' : `Apicurio (skipped: ${missing})`
let counter = 0

/** A subject of its own. */
function subject(name: string): string {
  return `${name}-${process.pid}-${counter++}-value`
}

function record(fields: Readonly<Record<string, unknown>>, name = 'Order'): string {
  const list = Object.entries(fields).map(([name, type]) =>
    typeof type === 'object' && type !== null && 'type' in type
      ? { name, ...type }
      : { name, type },
  )
  return JSON.stringify({ type: 'record', name, namespace: 'com.shop', fields: list })
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    reason => reason,
  )
  return MillraceError.is(error) ? error.code : String(error)
}

const symbols = (...list: string[]) => ({ type: { type: 'enum', name: 'State', symbols: list } })
const optional = (type: string) => ({ type: ['null', type], default: null })

/** Changes of a schema: from, to. */
const CHANGES: Readonly<Record<string, readonly [string, string]>> = {
  'a field with a default': [record({ a: 'int' }), record({ a: 'int', b: optional('int') })],
  'a field without a default': [record({ a: 'int' }), record({ a: 'int', b: 'int' })],
  'a field removed that had none': [record({ a: 'int', b: 'int' }), record({ a: 'int' })],
  'a field removed that had one': [record({ a: 'int', b: optional('int') }), record({ a: 'int' })],
  'int to long': [record({ a: 'int' }), record({ a: 'long' })],
  'long to int': [record({ a: 'long' }), record({ a: 'int' })],
  'int to string': [record({ a: 'int' }), record({ a: 'string' })],
  'string to bytes': [record({ a: 'string' }), record({ a: 'bytes' })],
  'a symbol added': [record({ a: symbols('A') }), record({ a: symbols('A', 'B') })],
  'a symbol removed': [record({ a: symbols('A', 'B') }), record({ a: symbols('A') })],
  'made optional': [record({ a: 'int' }), record({ a: { type: ['null', 'int'] } })],
  'made required': [record({ a: { type: ['null', 'int'] } }), record({ a: 'int' })],
  'a branch added': [
    record({ a: { type: ['null', 'int'] } }),
    record({ a: { type: ['null', 'int', 'string'] } }),
  ],
  renamed: [record({ a: 'int' }), record({ b: 'int' })],
  'renamed with an alias': [record({ a: 'int' }), record({ b: { type: 'int', aliases: ['a'] } })],
  'another name': [record({ a: 'int' }), record({ a: 'int' }, 'Purchase')],
}

describe.skipIf(missing !== '')(title, () => {
  test('a schema is registered, evolved, and found in every way', async () => {
    const schemas = registry(url)
    const orders = subject('orders')
    const [one, two] = CHANGES['a field with a default'] as readonly [string, string]
    await schemas.setCompatibilityMode(orders, 'FULL_TRANSITIVE')
    const first = await schemas.register(orders, one)
    const second = await schemas.register(orders, two)
    expect((await schemas.register(orders, one)).id).toBe(first.id)
    expect(await schemas.compatibilityMode(orders)).toBe('FULL_TRANSITIVE')
    expect(await schemas.versions(orders)).toEqual([1, 2])
    expect(await schemas.latest(orders)).toMatchObject({ version: 2, id: second.id, schema: two })
    expect(await schemas.lookup(orders, one)).toMatchObject({ version: 1, id: first.id })
    expect(await registry(url).schemaById(first.id)).toMatchObject({ schema: one, references: [] })
    expect(await schemas.subjectsOf(first.id)).toContain(orders)
    expect(await codeOf(schemas.schemaById(2 ** 30))).toBe('SCHEMA_MISSING')
    expect(await codeOf(schemas.latest(subject('none')))).toBe('SCHEMA_MISSING')
    expect(await codeOf(schemas.register(orders, '{"type":"recrod"}'))).toBe('REGISTRY_REFUSED')
  })

  test('references are resolved through several subjects', async () => {
    const schemas = registry(url)
    const [unit, line, order] = [subject('unit'), subject('line'), subject('order')]
    const unitText = JSON.stringify({ type: 'enum', name: 'Unit', symbols: ['KG'], namespace: 's' })
    await schemas.register(unit, unitText)
    await schemas.register(line, {
      schema: record({ unit: 's.Unit' }, 'Line'),
      references: [{ name: 's.Unit', subject: unit, version: 1 }],
    })
    const { id } = await schemas.register(order, {
      schema: record({ line: 'com.shop.Line' }),
      references: [{ name: 'com.shop.Line', subject: line, version: 1 }],
    })
    const { references } = await registry(url).schemaById(id)
    expect(references.map(({ name }) => name)).toEqual(['s.Unit', 'com.shop.Line'])
  })

  describe.each(COMPATIBILITY_MODES)('mode %s', mode => {
    test.each(Object.entries(CHANGES))('%s: it decides as our reasons say', async (_, change) => {
      const [from, to] = change
      const schemas = registry(url)
      const orders = subject('orders')
      await schemas.register(orders, from)
      await schemas.setCompatibilityMode(orders, mode)
      const { isCompatible, conflicts } = await schemas.compatibility(orders, to)
      expect({ isCompatible, conflicts }).toEqual({
        isCompatible: conflicts.length === 0,
        conflicts,
      })
      const refusal = await codeOf(schemas.register(orders, to))
      expect(refusal).toBe(isCompatible ? 'undefined' : 'SCHEMA_INCOMPATIBLE')
    })
  })

  test('a refusal names the field, the rule and what mends it', async () => {
    const schemas = registry(url)
    const orders = subject('orders')
    const mode: CompatibilityMode = 'BACKWARD_TRANSITIVE'
    await schemas.register(orders, record({ a: 'int' }))
    await schemas.setCompatibilityMode(orders, mode)
    const refused = schemas.register(orders, record({ a: 'int', b: 'string' }))
    await expect(refused).rejects.toThrow('is not BACKWARD_TRANSITIVE compatible')
    await expect(refused).rejects.toThrow(
      '\n  Order.b: the new schema has this field, without a default, and version 1 does not ' +
        'write it. Give the string a default, or an alias if it was renamed.',
    )
  })

  test('one of two goes away and comes back', async () => {
    const [other, extra] = [await startRegistry(), await startRegistry()]
    try {
      const fill = async (of: string) => {
        const schemas = registry(of)
        await schemas.register('failover-value', record({ a: 'int' }))
        return schemas.register('failover-value', record({ a: 'int', b: optional('int') }))
      }
      // Registries behind one name agree on ids; these two are filled alike.
      const { id } = await fill(other.url)
      expect((await fill(extra.url)).id).toBe(id)
      const schemas = registry({ urls: [other.url, extra.url], retries: 0, timeoutMs: 5_000 })
      expect((await schemas.latest('failover-value')).version).toBe(2)
      await other.stop()
      expect((await schemas.schemaById(id)).references).toEqual([])
      expect((await schemas.version('failover-value', 1)).version).toBe(1)
      await extra.stop()
      // What was read before is still known.
      expect((await schemas.schemaById(id)).id).toBe(id)
      expect(await codeOf(schemas.schemaById(id + 1))).toBe('REGISTRY_UNREACHABLE')
    } finally {
      await Promise.all([other.stop(), extra.stop()])
    }
  })
})
