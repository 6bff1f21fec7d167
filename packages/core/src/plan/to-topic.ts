/**
 * Writes every record to a topic.
 *
 * How the key is written is decided here: passed on as bytes, or encoded from columns. With a key
 * serde on the topic its `keyColumn`, else the columns the frame is keyed by, are encoded; a frame
 * keyed by a group without a key serde uses the natural form of its columns.
 */
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { defaultKeySerde, type KeyEncoder, serdeKey } from '../serde/key-serde.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'
import type { TopicDefinition } from './topic-definition.ts'

export type OutputKey =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'columns'
      readonly columns: readonly string[]
      readonly encoder: KeyEncoder
    }

export interface ToTopicNode extends NodeBase {
  readonly kind: 'to-topic'
  readonly from: FrameNode
  readonly topic: TopicDefinition
  readonly outputKey: OutputKey
  readonly onError: ErrorPolicy
}

/** @throws SCHEMA_MISMATCH when rows or keys of the frame cannot be written to the topic. */
export function toTopicNode(
  from: FrameNode,
  topic: TopicDefinition,
  onError: ErrorPolicy,
): ToTopicNode {
  const place = nextStep(from, 'toTopic')
  topic.value.encoder(from.schema)
  const outputKey = outputKeyOf(from, topic, place.step)
  const { schema, key } = from
  return Object.freeze({
    kind: 'to-topic',
    ...place,
    schema,
    key,
    from,
    topic,
    outputKey,
    onError,
  })
}

function outputKeyOf(from: FrameNode, topic: TopicDefinition, step: string): OutputKey {
  const { columns, encoding } = from.key
  if (topic.key === null) {
    if (encoding.kind !== 'group' || columns === null) return { kind: 'pass' }
    return { kind: 'columns', columns, encoder: defaultKeySerde(typesOf(from, columns)) }
  }
  if (topic.keyColumn !== null) return encoded(from, topic.keyColumn, topic.key, step)
  if (columns?.length === 1) return encoded(from, columns[0] as string, topic.key, step)
  const isSame = encoding.kind === 'serde' && encoding.serde.name === topic.key.name
  if (isSame || topic.key.name === 'bytes') return { kind: 'pass' }
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `topic ${JSON.stringify(topic.name)} writes keys as ${topic.key.name}, and this frame's ` +
      'keys are ' +
      `${encoding.kind === 'serde' ? encoding.serde.name : describe(columns)}. ` +
      'Set the key with withKey(column), or give the topic a keyColumn.',
    { step },
  )
}

function encoded(from: FrameNode, column: string, serde: ScalarSerde, step: string): OutputKey {
  const type = from.schema.typeOf(column)
  if (type.kind !== serde.type.kind && type.kind !== 'json') {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `the key of the topic is ${serde.name} and column ${JSON.stringify(column)} is ${type}. ` +
        'Cast the column, or choose another key serde.',
      { step, field: column },
    )
  }
  return { kind: 'columns', columns: [column], encoder: serdeKey(serde) }
}

function typesOf(from: FrameNode, columns: readonly string[]) {
  return columns.map(column => from.schema.typeOf(column))
}

function describe(columns: readonly string[] | null): string {
  return columns === null ? 'bytes of unknown form' : `made of ${columns.join(', ')}`
}
