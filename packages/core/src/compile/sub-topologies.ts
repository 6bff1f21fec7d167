/**
 * Cuts a plan where records must change partitions.
 *
 * A part begins at a source, or behind a grouping that goes through an internal topic; such a
 * grouping is the last machine of one part and the input of the next. Partition p of a part is a
 * task.
 */
import type { GroupNode } from '../plan/group.ts'
import { inputOf, nodesOf, type OutputNode, type PlanNode } from '../plan/node.ts'
import type { SourceNode } from '../plan/source.ts'

export interface PlanPart {
  readonly id: number
  readonly root: SourceNode | GroupNode
  /** Nodes that run in this part, inputs first; without the root. */
  readonly members: readonly PlanNode[]
  /** The part that fills the internal topic of the root; null for sources. */
  readonly upstream: number | null
}

export function partsOf(outputs: readonly OutputNode[]): readonly PlanPart[] {
  const parts: {
    id: number
    root: SourceNode | GroupNode
    members: PlanNode[]
    upstream: number | null
  }[] = []
  /** The part whose records leave a node. */
  const partAfter = new Map<PlanNode, number>()
  const begin = (root: SourceNode | GroupNode, upstream: number | null): void => {
    partAfter.set(root, parts.length)
    parts.push({ id: parts.length, root, members: [], upstream })
  }
  for (const node of nodesOf(outputs)) {
    const from = inputOf(node)
    if (from === null) {
      begin(node as SourceNode, null)
      continue
    }
    const part = partAfter.get(from) as number
    parts[part]?.members.push(node)
    if (node.kind === 'group' && node.via === 'repartition') begin(node, part)
    else partAfter.set(node, part)
  }
  return parts
}
