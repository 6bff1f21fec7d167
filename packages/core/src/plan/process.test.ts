import { expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { type Schema, schema } from '../schema/schema.ts'
import { fromArray } from '../source/array-source.ts'
import { groupNode } from './group.ts'
import { processNode, storesOfProcess } from './process.ts'
import { sourceNode } from './source.ts'
import { timestampNode } from './timestamp.ts'

const onError = fail()
const Row = schema({ user: t.string(), n: t.int32() })
const source = sourceNode({
  kind: 'source',
  source: fromArray([], { schema: Row }),
  timestamp: null,
  disorderMs: 0,
  onError,
})
const group = groupNode(source, ['user'], { name: null, onError })
const groupColumns = [{ name: 'user', type: t.string() }]

function made(out: Schema, name: string | null = null, columns = groupColumns) {
  const functions = { row: () => {}, timer: null }
  const parts = { states: {}, ttlMs: null, onError, schema: out, name, ...functions }
  return processNode(group, 'process', { ...parts, groupColumns: columns })
}

test('rows that have all columns of the key are still keyed by them', () => {
  expect(made(schema({ n: t.int32(), user: t.string() })).key).toEqual({
    columns: ['user'],
    encoding: { kind: 'group' },
    isPartitioned: true,
  })
  expect(made(schema({ n: t.int32() })).key.columns).toBe(null)
  expect(made(Row, null, []).key).toEqual({ ...group.key, columns: null })
})

test('a column that is named as one of the key must be of its type', () => {
  expect(() => made(schema({ user: t.int32() }))).toThrow(
    'SCHEMA_MISMATCH: rows are keyed by "user", which is string, and the schema of the rows ' +
      'given out has a column of that name which is int32.',
  )
  expect(made(schema({ user: t.string().nullable() })).key.columns).toEqual(['user'])
})

test('its state is named by the user, or after its key and source', () => {
  expect(made(Row, 'mine').identity).toBe('mine')
  expect(made(Row).identity).toBe(`process-user-${source.step}`)
  expect(made(Row, null, []).identity).toBe(`process-key-${source.step}`)
  const names = Object.values(storesOfProcess(made(Row, 'mine')))
  expect([names[0], new Set(names).size]).toEqual(['mine', 4])
})

test('time that was changed on the way is refused', () => {
  const changed = timestampNode(source, { kind: 'column', name: 'n', type: t.int32() }, onError)
  const parts = { states: {}, ttlMs: null, onError, schema: Row, name: null, timer: null }
  const make = () => processNode(changed, 'process', { ...parts, groupColumns, row: () => {} })
  expect(make).toThrow('event time of process cannot be changed by withTimestamp#1')
})
