import { type ErrorPolicy, fail } from '../record/error-policy.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Hands every record to a sink. */
export interface SinkNode extends NodeBase {
  readonly kind: 'sink'
  readonly from: FrameNode
  readonly sink: SinkDefinition
  /** The columns that the sink wanted computed, each with those that it is made of. */
  readonly computed: ReadonlyMap<string, readonly string[]>
  readonly onError: ErrorPolicy
}

/** @throws SCHEMA_MISMATCH when the sink cannot take rows of this frame. */
export function sinkNode(
  from: FrameNode,
  sink: SinkDefinition,
  onError: ErrorPolicy = fail(),
  computed: SinkNode['computed'] = new Map(),
): SinkNode {
  sink.check?.(from.schema)
  const { schema, key } = from
  const step = nextStep(from, sink.name)
  return Object.freeze({ kind: 'sink', ...step, schema, key, from, sink, computed, onError })
}
