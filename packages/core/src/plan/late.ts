import { type NodeBase, nextStep } from './node.ts'
import type { WindowNode } from './window.ts'

/** The records that came too late for a window, as they were in front of it. */
export interface LateNode extends NodeBase {
  readonly kind: 'late'
  readonly from: WindowNode
}

export function lateNode(from: WindowNode): LateNode {
  const { schema, key } = from.from
  return Object.freeze({ kind: 'late', ...nextStep(from, 'late'), schema, key, from })
}
