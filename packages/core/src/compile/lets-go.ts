/**
 * Whether a part of a plan keeps nothing of the bytes it reads once it has processed a batch, so
 * that they may be used for the next ones (`RawBatch.done`).
 *
 * Columns of text and bytes lie in the bytes that were read. What is listed here passes them on,
 * or copies what it keeps; a user's function may keep its row, a sink its batch, so these and all
 * others count as keeping. What leaves a window is its own.
 */
import { callsFunction } from '../expr/children.ts'
import { inputOf, type PlanNode } from '../plan/node.ts'
import type { PlanPart } from './sub-topologies.ts'

type Node<K extends PlanNode['kind']> = Extract<PlanNode, { kind: K }>

/** A kind that is not here keeps what it is given. */
const LETS_GO: { readonly [K in PlanNode['kind']]?: (node: Node<K>) => boolean } = {
  filter: ({ predicate }) => !callsFunction(predicate),
  project: ({ columns }) => !columns.some(({ expr }) => callsFunction(expr)),
  stage: ({ steps }) => steps.every(letsGoOf),
  group: () => true,
  // States in arrays are of numbers; a key is copied.
  window: ({ aggregates }) =>
    aggregates.every(({ aggregate, input }) => {
      return aggregate.create(input?.type ?? null).inArrays !== undefined
    }),
  late: () => true,
  'to-topic': () => true,
}

export function letsGo({ root, members }: PlanPart): boolean {
  const isGiven = (node: PlanNode): boolean => {
    const from = inputOf(node)
    if (node === root || from === root || from === null) return true
    return (from.kind !== 'window' || node.kind === 'late') && isGiven(from)
  }
  return members.every(node => !isGiven(node) || letsGoOf(node))
}

function letsGoOf(node: PlanNode): boolean {
  const rule = LETS_GO[node.kind] as ((node: PlanNode) => boolean) | undefined
  return rule?.(node) ?? false
}
