import { describe, expect, test } from 'vitest'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { integer, string } from '../serde/scalars.ts'
import { fromArray } from '../source/array-source.ts'
import { sourceNode, topicSchema } from './source.ts'
import type { TopicDefinition } from './topic-definition.ts'

function topic(options: Partial<TopicDefinition> = {}): TopicDefinition {
  return {
    name: 'sales',
    key: null,
    keyColumn: null,
    value: json(schema({ shop: t.string() })),
    timestamp: null,
    disorderMs: 0,
    idleMs: 0,
    onError: fail(),
    create: null,
    ...options,
  }
}

describe('a topic', () => {
  const keyOf = (options: Partial<TopicDefinition>) =>
    sourceNode({ kind: 'topic', topic: topic(options) }).key

  test('has the columns of its value, and its key column first where the value has it not', () => {
    expect(`${topicSchema(topic())}`).toBe('{shop: string}')
    expect(`${topicSchema(topic({ key: string(), keyColumn: 'shop' }))}`).toBe('{shop: string}')
    expect(`${topicSchema(topic({ key: integer(), keyColumn: 'id' }))}`).toBe(
      '{id: int32, shop: string}',
    )
    expect(`${topicSchema(topic({ key: integer(), keyColumn: 'id', value: json() }))}`).toBe(
      '{id: int32, …}',
    )
  })

  test('is partitioned by its key, of which it knows what was said', () => {
    expect(keyOf({})).toEqual({
      columns: null,
      encoding: { kind: 'unknown' },
      isPartitioned: true,
    })
    const key = string()
    expect(keyOf({ key, keyColumn: 'shop' })).toEqual({
      columns: ['shop'],
      encoding: { kind: 'serde', serde: key },
      isPartitioned: true,
    })
  })
})

test('a source outside Kafka promises nothing about its keys', () => {
  const parts = { timestamp: null, disorderMs: 0, onError: fail() }
  const node = sourceNode({ kind: 'source', source: fromArray([{ n: 1 }]), ...parts })
  expect(node.key).toEqual({ columns: null, encoding: { kind: 'unknown' }, isPartitioned: false })
  expect(node).toMatchObject({ step: 'array', depth: 0, read: 'all' })
})
