import type { FilterNode } from './filter.ts'
import type { FrameNode, NodeBase } from './node.ts'
import type { ProjectNode } from './project.ts'

/** Neighbouring filters and projections that run as one machine; made by the rule `fuse-stages`. */
export interface StageNode extends NodeBase {
  readonly kind: 'stage'
  readonly from: FrameNode
  readonly steps: readonly (FilterNode | ProjectNode)[]
}

export function stageNode(
  from: FrameNode,
  steps: readonly (FilterNode | ProjectNode)[],
): StageNode {
  const last = steps[steps.length - 1] as FilterNode | ProjectNode
  const { depth, schema, key } = last
  const step = steps.map(node => node.step).join(' ')
  return Object.freeze({ kind: 'stage', step, depth, schema, key, from, steps })
}
