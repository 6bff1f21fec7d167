import { describe, expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { filterNode } from '../plan/filter.ts'
import { groupNode } from '../plan/group.ts'
import type { FrameNode } from '../plan/node.ts'
import { passed, projectNode } from '../plan/project.ts'
import { sinkNode } from '../plan/sink.ts'
import { type SourceNode, sourceNode } from '../plan/source.ts'
import { toTopicNode } from '../plan/to-topic.ts'
import type { TopicDefinition } from '../plan/topic-definition.ts'
import { type WindowNode, windowNode } from '../plan/window.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import type { ColumnsRead, Serde } from '../serde/serde.ts'
import { listSink } from '../sink/list-sink.ts'
import { tumbling } from '../window/window.ts'
import { compile, explain } from './compile.ts'

const onError = fail()
const Sale = schema({ shop: t.string(), n: t.int32(), ts: t.timestamp(), flag: t.boolean() })
const FLAG = { kind: 'column', name: 'flag', type: t.boolean() } as const

function topic(name: string, options: Partial<TopicDefinition> = {}): TopicDefinition {
  return {
    name,
    key: null,
    keyColumn: null,
    value: json(Sale),
    timestamp: null,
    disorderMs: 5,
    idleMs: 7,
    onError,
    create: null,
    ...options,
  }
}

function sales(options: Partial<TopicDefinition> = {}): SourceNode {
  return sourceNode({ kind: 'topic', topic: topic('sales', options) })
}

function select(from: FrameNode, ...names: string[]): FrameNode {
  const columns = names.map(name => passed(name, from.schema.typeOf(name)))
  return projectNode(from, 'select', { columns, omit: null, onError })
}

function counts(from: FrameNode, column: string, name: string | null = null): WindowNode {
  return windowNode(groupNode(from, [column], { name, onError }), {
    window: tumbling('1s'),
    groupColumns: [{ name: column, type: from.schema.typeOf(column) }],
    aggregates: [{ name: 'rows', aggregate: COUNT, input: null, type: t.int32() }],
    name,
    onError,
  })
}

/** A serde that tells which columns its decoders were asked for. */
function watched(serde: Serde, asked: ColumnsRead[]): Serde {
  return {
    ...serde,
    name: serde.name,
    schema: serde.schema,
    decoder: columns => {
      asked.push(columns)
      return serde.decoder(columns)
    },
    encoder: from => serde.encoder(from),
  }
}

describe('the input of a part', () => {
  test('says what the topic says', () => {
    const { subTopologies } = compile([sinkNode(sales(), listSink())])
    expect(subTopologies).toHaveLength(1)
    expect(subTopologies[0]).toMatchObject({
      id: 0,
      stores: [],
      repartitions: [],
      input: { kind: 'topic', topic: 'sales', key: null, disorderMs: 5, idleMs: 7 },
    })
  })

  test.each([
    ['what is read', {}, ['n']],
    [
      'and event time',
      { timestamp: { kind: 'column', name: 'ts', type: t.timestamp() } },
      ['n', 'ts'],
    ],
    ['and the key to compare', { key: string(), keyColumn: 'shop' }, ['n', 'shop']],
    ['but no key that the value has not', { key: string(), keyColumn: 'id' }, ['n']],
  ] as const)('decodes %s', (_, options, columns) => {
    const asked: ColumnsRead[] = []
    const from = sales({ ...options, value: watched(json(Sale), asked) })
    const [part] = compile([sinkNode(select(from, 'n'), listSink())]).subTopologies
    if (part?.input.kind === 'topic') part.input.decoder()
    expect(asked).toEqual([columns])
  })

  test('is the internal topic of the part that fills it', () => {
    const { subTopologies } = compile([sinkNode(counts(sales(), 'n'), listSink())])
    expect(subTopologies).toMatchObject([
      { stores: [], repartitions: ['by-n-sales'] },
      {
        id: 1,
        stores: [
          {
            identity: 'tumbling-n-sales',
            fingerprint: 'tumbling 1000/1000 by int32: rows=count()',
          },
        ],
        repartitions: [],
        input: { kind: 'repartition', identity: 'by-n-sales', upstream: 0 },
      },
    ])
  })
})

test('topics that are read and written, with how to create them', () => {
  const creation = { partitions: 3, config: { 'cleanup.policy': 'compact' } }
  const out = topic('out', { create: creation, value: json() })
  const from = sales()
  expect(compile([toTopicNode(from, out, onError), sinkNode(from, listSink())]).topics).toEqual([
    { name: 'sales', create: null },
    { name: 'out', create: { replicationFactor: -1, ...creation } },
  ])
})

test('internal topics that two groupings would share are refused', () => {
  const where = filterNode(sales(), 'where', FLAG, onError)
  const outputs = [
    sinkNode(counts(where, 'n'), listSink()),
    sinkNode(counts(sales(), 'n'), listSink()),
  ]
  expect(() => compile(outputs)).toThrow('INVALID_PLAN')
  const named = [outputs[0]!, sinkNode(counts(sales(), 'n', 'other'), listSink())]
  expect(compile(named).subTopologies).toHaveLength(4)
})

describe('a fingerprint', () => {
  const plan = (...names: string[]) => compile([sinkNode(select(sales(), ...names), listSink())])

  test('is the same for the same plan, and another for another', () => {
    expect(plan('n').fingerprint).toBe(plan('n').fingerprint)
    expect(plan('n').fingerprint).not.toBe(plan('shop').fingerprint)
    expect(plan('n').fingerprint).toMatch(/^[\w-]{16}$/)
  })
})

test('explain shows the plan with its rules or without', () => {
  const outputs = [sinkNode(select(sales(), 'n'), listSink())]
  expect(explain(outputs)).toContain('reads n\n')
  expect(explain(outputs, { rules: [] })).toContain('reads every column\n')
})
