import { type NodeBase, nextStep } from './node.ts'
import type { WindowNode } from './window.ts'

/**
 * The results of windows that are still open, each time they have changed, and the last ones when
 * they close.
 */
export interface UpdatesNode extends NodeBase {
  readonly kind: 'updates'
  readonly from: WindowNode
  /** The least wall time between two updates of a window; 0 = at each commit. */
  readonly everyMs: number
}

export function updatesNode(from: WindowNode, everyMs: number): UpdatesNode {
  const { schema, key } = from
  return Object.freeze({
    kind: 'updates',
    ...nextStep(from, 'updates'),
    schema,
    key,
    from,
    everyMs,
  })
}
