/**
 * What a rewrite of the plan is, and the one way to rewrite shared nodes.
 *
 * A rule takes the outputs of a plan and gives equal ones: same order, same columns, same results.
 * The driver in `index.ts` checks the columns after every rule.
 */
import { inputOf, nodesOf, type OutputNode, type PlanNode } from '../../plan/node.ts'

export interface Rule {
  readonly name: string
  apply(outputs: readonly OutputNode[]): readonly OutputNode[]
}

/**
 * Rebuilds a plan from its sources to its outputs. `change` gets each node once, with its new
 * input, and gives the node to put in its place; nodes that were shared stay shared.
 */
export function rewrite(
  outputs: readonly OutputNode[],
  change: (node: PlanNode, from: PlanNode | null) => PlanNode,
): readonly OutputNode[] {
  const made = new Map<PlanNode, PlanNode>()
  for (const node of nodesOf(outputs)) {
    const from = inputOf(node)
    made.set(node, change(node, from === null ? null : (made.get(from) as PlanNode)))
  }
  return outputs.map(output => made.get(output) as OutputNode)
}

/** The same node on another input; nothing else changes. */
export function onInput(node: PlanNode, from: PlanNode | null): PlanNode {
  if (from === null || inputOf(node) === from) return node
  return Object.freeze({ ...node, from }) as PlanNode
}
