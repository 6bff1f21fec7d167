import { describe, expect, test } from 'vitest'
import { columnExpr } from '../expr/build.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import { bytes, integer, string } from '../serde/scalars.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { keyNode } from './key.ts'
import type { FrameNode } from './node.ts'
import { type SourceNode, sourceNode } from './source.ts'
import { toTopicNode } from './to-topic.ts'
import type { TopicDefinition } from './topic-definition.ts'

const Row = schema({ shop: t.string(), n: t.int32(), any: t.json() })

function topic(options: Partial<TopicDefinition> = {}): TopicDefinition {
  return {
    name: 'out',
    key: null,
    keyColumn: null,
    value: json(),
    timestamp: null,
    disorderMs: 0,
    idleMs: 0,
    onError: fail(),
    create: null,
    ...options,
  }
}

function sales(key: ScalarSerde | null = null, keyColumn: string | null = null): SourceNode {
  return sourceNode({ kind: 'topic', topic: topic({ value: json(Row), key, keyColumn }) })
}

/** The frame of a group, as behind a window. */
function grouped(...columns: string[]): FrameNode {
  return { ...sales(), key: { columns, encoding: { kind: 'group' }, isPartitioned: true } }
}

function keyOf(from: FrameNode, options: Partial<TopicDefinition> = {}) {
  return toTopicNode(from, topic(options), fail()).outputKey
}

/** The bytes of a key made of these cells, as text; null = a null key. */
function written(from: FrameNode, cells: never[], options: Partial<TopicDefinition> = {}) {
  const key = keyOf(from, options)
  const out = new ByteWriter()
  if (key.kind === 'pass') return 'passed on'
  return key.encoder.encodeKey(cells, out) ? Buffer.from(out.copy()).toString('latin1') : null
}

describe('a key goes out', () => {
  test('as it came, where the topic says nothing else', () => {
    expect(keyOf(sales())).toEqual({ kind: 'pass' })
    expect(keyOf(sales(string(), 'shop'))).toEqual({ kind: 'pass' })
    expect(keyOf(sales(string()), { key: string() })).toEqual({ kind: 'pass' })
    expect(keyOf(sales(), { key: bytes() })).toEqual({ kind: 'pass' })
  })

  test('of the column that holds it, by the serde of the topic', () => {
    expect(keyOf(sales(string(), 'shop'), { key: string() })).toMatchObject({ columns: ['shop'] })
    expect(keyOf(sales(), { key: integer(), keyColumn: 'n' })).toMatchObject({ columns: ['n'] })
    const byShop = keyNode(sales(), {
      expr: columnExpr(Row, 'shop'),
      serde: string(),
      onError: fail(),
    })
    expect(written(byShop, ['é'] as never[], { key: string() })).toBe('\xc3\xa9')
    expect(written(byShop, [null] as never[], { key: string() })).toBeNull()
  })

  test('of a group in its natural form', () => {
    expect(written(grouped('shop'), ['a'] as never[])).toBe('a')
    expect(written(grouped('n'), [258] as never[])).toBe('\x00\x00\x01\x02')
    expect(written(grouped('shop', 'n'), ['a', 1] as never[])).toBe('["a",1]')
    expect(written(grouped('shop'), [null] as never[])).toBeNull()
  })
})

describe('refused', () => {
  test('a key of another type', () => {
    expect(() => keyOf(grouped('n'), { key: string() })).toThrow(
      'SCHEMA_MISMATCH: the key of the topic is string and column "n" is int32.',
    )
    expect(() => keyOf(sales(), { key: string(), keyColumn: 'n' })).toThrow('Cast the column')
    expect(keyOf(sales(), { key: string(), keyColumn: 'any' })).toMatchObject({ columns: ['any'] })
  })

  test('a key of unknown form, or one made of several columns', () => {
    expect(() => keyOf(sales(), { key: string() })).toThrow(
      'topic "out" writes keys as string, and this frame\'s keys are bytes of unknown form.',
    )
    expect(() => keyOf(sales(integer()), { key: string() })).toThrow('keys are int')
    expect(() => keyOf(grouped('shop', 'n'), { key: string() })).toThrow('made of shop, n')
  })

  test('a key column that is not there, rows that do not fit', () => {
    expect(() => keyOf(sales(), { key: string(), keyColumn: 'id' })).toThrow('UNKNOWN_COLUMN')
    const value = json(schema({ shop: t.int32() }))
    expect(() => keyOf(sales(), { value })).toThrow('SCHEMA_MISMATCH')
  })
})
