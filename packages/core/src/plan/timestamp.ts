import { MillraceError } from '../errors.ts'
import type { Expr } from '../expr/expr.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/**
 * Gives the records that leave the chain another timestamp. Event time for windows is set on the
 * topic, so that a watermark belongs to a source partition; windows after this node are refused.
 */
export interface TimestampNode extends NodeBase {
  readonly kind: 'timestamp'
  readonly from: FrameNode
  readonly expr: Expr
  readonly onError: ErrorPolicy
}

export function timestampNode(from: FrameNode, expr: Expr, onError: ErrorPolicy): TimestampNode {
  const { step } = nextStep(from, 'withTimestamp')
  if (!['timestamp', 'float64', 'int32', 'int64', 'json'].includes(expr.type.kind)) {
    throw new MillraceError(
      'TYPE_MISMATCH',
      `withTimestamp needs epoch milliseconds (timestamp or a number); got type ${expr.type}.`,
      { step },
    )
  }
  const { schema, key } = from
  const parts = { schema, key, from, expr, onError }
  return Object.freeze({ kind: 'timestamp', ...nextStep(from, 'withTimestamp'), ...parts })
}
