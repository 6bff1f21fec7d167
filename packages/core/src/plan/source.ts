import type { Expr } from '../expr/expr.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { Schema } from '../schema/schema.ts'
import type { ColumnsRead } from '../serde/serde.ts'
import type { RecordsWanted } from '../source/column-bound.ts'
import type { Source } from '../source/source.ts'
import type { KeyInfo } from './key-info.ts'
import type { NodeBase } from './node.ts'
import type { TopicDefinition } from './topic-definition.ts'

/** Where records come from: a topic, or a source outside Kafka. */
export type SourceInput =
  | { readonly kind: 'topic'; readonly topic: TopicDefinition }
  | {
      readonly kind: 'source'
      readonly source: Source
      /** The name under which positions are kept; null or missing = none are. */
      readonly resume?: string | null
      readonly timestamp: Expr | null
      readonly disorderMs: number
      readonly onError: ErrorPolicy
    }

/**
 * The beginning of a chain. `read` is narrowed by the rule `push-read-columns`, `wanted` is given
 * by `push-wanted`; missing = all records.
 */
export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  readonly input: SourceInput
  readonly read: ColumnsRead
  readonly wanted?: RecordsWanted
}

export function sourceNode(input: SourceInput): SourceNode {
  const schema = input.kind === 'topic' ? topicSchema(input.topic) : input.source.schema
  const name = input.kind === 'topic' ? input.topic.name : input.source.name
  return Object.freeze({
    kind: 'source',
    step: name,
    depth: 0,
    schema,
    key: input.kind === 'topic' ? topicKey(input.topic) : UNKNOWN_KEY,
    input,
    read: 'all',
  })
}

/** Rows of a topic: the value's columns, and the key as a column when the topic says so. */
export function topicSchema(topic: TopicDefinition): Schema {
  const { keyColumn, key, value } = topic
  if (keyColumn === null || key === null || value.schema.has(keyColumn)) return value.schema
  const fields = [{ name: keyColumn, type: key.type }, ...value.schema.fields]
  return new Schema(fields, value.schema.isOpen)
}

const UNKNOWN_KEY: KeyInfo = Object.freeze<KeyInfo>({
  columns: null,
  encoding: { kind: 'unknown' },
  isPartitioned: false,
})

function topicKey(topic: TopicDefinition): KeyInfo {
  return {
    columns: topic.keyColumn === null ? null : [topic.keyColumn],
    encoding: topic.key === null ? { kind: 'unknown' } : { kind: 'serde', serde: topic.key },
    isPartitioned: true,
  }
}
