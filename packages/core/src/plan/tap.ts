import type { Row } from '../batch/row.ts'
import { functionReads } from '../expr/function-reads.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Shows each row to a function and passes the record on unchanged. */
export interface TapNode extends NodeBase {
  readonly kind: 'tap'
  readonly from: FrameNode
  readonly apply: (row: Row) => void
  /** The only names that the function reads of its row; null = it has a row of its own. */
  readonly reads: readonly string[] | null
  readonly onError: ErrorPolicy
}

export function tapNode(from: FrameNode, apply: (row: Row) => void, onError: ErrorPolicy): TapNode {
  const { schema, key } = from
  const reads = functionReads(apply).names
  const base = { ...nextStep(from, 'tap'), schema, key, from }
  return Object.freeze({ kind: 'tap', ...base, apply, reads, onError })
}
