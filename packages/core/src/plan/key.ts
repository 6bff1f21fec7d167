import type { Expr } from '../expr/expr.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import { type FrameNode, type NodeBase, nextStep } from './node.ts'

/**
 * Gives each record a new key; a null cell gives a null key. Partitions stay as they are until an
 * output.
 */
export interface KeyNode extends NodeBase {
  readonly kind: 'key'
  readonly from: FrameNode
  readonly expr: Expr
  readonly serde: ScalarSerde
  readonly onError: ErrorPolicy
}

export function keyNode(
  from: FrameNode,
  parts: Pick<KeyNode, 'expr' | 'serde' | 'onError'>,
): KeyNode {
  const { expr, serde } = parts
  const columns = expr.kind === 'column' ? [expr.name] : null
  return Object.freeze({
    kind: 'key',
    ...nextStep(from, 'withKey'),
    schema: from.schema,
    key: { columns, encoding: { kind: 'serde' as const, serde }, isPartitioned: false },
    from,
    ...parts,
  })
}
