import { describe, expect, test } from 'vitest'
import {
  conflictText,
  incompatible,
  type KnownVersion,
  parseWhole,
  versionConflicts,
} from './check-compatibility.ts'
import { COMPATIBILITY_MODES } from './compatibility-mode.ts'

const order = (fields: Record<string, unknown>): string =>
  JSON.stringify({
    type: 'record',
    name: 'Order',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  })
const whole = (schema: string) => ({ schema, references: [] })
const versions = (...schemas: string[]): KnownVersion[] =>
  schemas.map((schema, nth) => ({ ...whole(schema), version: nth + 1 }))

/** Direction and version of each conflict, under each mode. */
function table(earlier: readonly string[], next: string) {
  return Object.fromEntries(
    COMPATIBILITY_MODES.map(mode => [
      mode,
      versionConflicts(mode, whole(next), versions(...earlier)).map(
        ({ direction, version }) => `${direction} ${version}`,
      ),
    ]),
  )
}

describe('modes compare what they demand', () => {
  const [A, AB] = [order({ a: 'int' }), order({ a: 'int', b: 'int' })]

  test('a field added without a default: readers of the new schema cannot read what was', () => {
    expect(table([A], AB)).toEqual({
      NONE: [],
      BACKWARD: ['backward 1'],
      BACKWARD_TRANSITIVE: ['backward 1'],
      FORWARD: [],
      FORWARD_TRANSITIVE: [],
      FULL: ['backward 1'],
      FULL_TRANSITIVE: ['backward 1'],
    })
  })

  test('a field removed that had no default, and only in the version before the last', () => {
    expect(table([AB, A], A)).toEqual({
      NONE: [],
      BACKWARD: [],
      BACKWARD_TRANSITIVE: [],
      FORWARD: [],
      FORWARD_TRANSITIVE: ['forward 1'],
      FULL: [],
      FULL_TRANSITIVE: ['forward 1'],
    })
  })

  test('a subject without versions takes anything', () => {
    expect(table([], A)).toEqual(Object.fromEntries(COMPATIBILITY_MODES.map(mode => [mode, []])))
  })
})

test('what is wrong is said of the two versions', () => {
  const earlier = versions(order({ a: 'string', c: 'int' }))
  const conflicts = versionConflicts('FULL', whole(order({ a: 'int', b: 'int' })), earlier)
  const verdict = {
    subject: 'orders-value',
    mode: 'FULL',
    isCompatible: false,
    messages: ['no'],
    conflicts,
  } as const
  expect(incompatible(verdict).message).toBe(
    'SCHEMA_INCOMPATIBLE: the schema is not FULL compatible with subject orders-value ' +
      '(the registry: no).\n' +
      '  Order.a: version 1 has string and the new schema int, which cannot be read from it. ' +
      'Keep the type, or add a field beside it.\n' +
      '  Order.b: the new schema has this field, without a default, and version 1 does not write ' +
      'it. Give the int a default, or an alias if it was renamed.\n' +
      '  Order.a: the new schema has int and version 1 string, which cannot be read from it. ' +
      'Keep the type, or add a field beside it.\n' +
      '  Order.c: version 1 has this field, without a default, and the new schema does not write ' +
      'it. Give the int a default, or an alias if it was renamed.',
  )
  const many = Array.from({ length: 12 }, () => conflicts[0]!)
  expect(conflictText(many).split('\n')).toHaveLength(11)
  expect(conflictText(many)).toContain('… and 2 more.')
})

test('a schema is read with what it refers to', () => {
  const reference = (name: string, schema: string) => ({ name, schema, subject: name, version: 1 })
  const line = JSON.stringify({
    type: 'record',
    name: 'Line',
    fields: [{ name: 'u', type: 'Unit' }],
  })
  const unit = JSON.stringify({ type: 'enum', name: 'Unit', symbols: ['KG'] })
  const references = [reference('Unit', unit), reference('Line', line)]
  const { type } = parseWhole({ schema: order({ line: 'Line' }), references })
  expect(type.kind === 'record' && type.fields[0]?.type.kind).toBe('record')
})
