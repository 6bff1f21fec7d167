import type { Row } from '../batch/row.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Shows each row to a function and passes the record on unchanged. */
export interface TapNode extends NodeBase {
  readonly kind: 'tap'
  readonly from: FrameNode
  readonly apply: (row: Row) => void
  readonly onError: ErrorPolicy
}

export function tapNode(from: FrameNode, apply: (row: Row) => void, onError: ErrorPolicy): TapNode {
  const { schema, key } = from
  return Object.freeze({ kind: 'tap', ...nextStep(from, 'tap'), schema, key, from, apply, onError })
}
