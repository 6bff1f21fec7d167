import { inputOf, nodesOf, type PlanNode } from '../../plan/node.ts'
import { type StageNode, stageNode } from '../../plan/stage.ts'
import { onInput, type Rule, rewrite } from './rule.ts'

/**
 * Filters and projections that follow each other become one stage, where nobody else reads in
 * between.
 */
export const fuseStages: Rule = {
  name: 'fuse-stages',
  apply: outputs => {
    const readers = new Map<PlanNode, number>()
    for (const node of nodesOf(outputs)) {
      const from = inputOf(node)
      if (from !== null) readers.set(from, (readers.get(from) ?? 0) + 1)
    }
    const shared = new Set<StageNode>()
    return rewrite(outputs, (node, from) => {
      const moved = onInput(node, from)
      if (moved.kind !== 'filter' && moved.kind !== 'project') return moved
      const before = moved.from
      const joins = before.kind === 'stage' && !shared.has(before)
      const stage = joins
        ? stageNode(before.from, [...before.steps, moved])
        : stageNode(before, [moved])
      if ((readers.get(node) ?? 0) > 1) shared.add(stage)
      return stage
    })
  },
}
