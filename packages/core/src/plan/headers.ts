import type { Row } from '../batch/row.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Headers } from '../record/headers.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/** Gives each record new headers, from its row and its headers so far. */
export interface HeadersNode extends NodeBase {
  readonly kind: 'headers'
  readonly from: FrameNode
  readonly apply: (row: Row, headers: Headers) => Headers
  readonly onError: ErrorPolicy
}

export function headersNode(
  from: FrameNode,
  apply: HeadersNode['apply'],
  onError: ErrorPolicy,
): HeadersNode {
  const { schema, key } = from
  const parts = { schema, key, from, apply, onError }
  return Object.freeze({ kind: 'headers', ...nextStep(from, 'withHeaders'), ...parts })
}
