import type { SinkDefinition } from '../sink/sink.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Hands every record to a sink. */
export interface SinkNode extends NodeBase {
  readonly kind: 'sink'
  readonly from: FrameNode
  readonly sink: SinkDefinition
}

/** @throws SCHEMA_MISMATCH when the sink cannot take rows of this frame. */
export function sinkNode(from: FrameNode, sink: SinkDefinition): SinkNode {
  sink.check?.(from.schema)
  const { schema, key } = from
  return Object.freeze({ kind: 'sink', ...nextStep(from, sink.name), schema, key, from, sink })
}
