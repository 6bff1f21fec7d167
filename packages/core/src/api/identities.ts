import { MillraceError } from '../errors.ts'
import { isKeyedBy } from '../plan/key-info.ts'
import { nodesOf, type OutputNode, type PlanNode } from '../plan/node.ts'

/**
 * State and internal topics are found again by the identity of their step, so two steps must not
 * share one.
 * @throws INVALID_PLAN at the line that attaches the second.
 */
export function checkIdentities(outputs: readonly OutputNode[]): void {
  const known = new Map<string, PlanNode>()
  for (const node of nodesOf(outputs)) {
    const identity = identityOf(node)
    if (identity === null) continue
    const other = known.get(identity)
    known.set(identity, node)
    if (other === undefined) continue
    throw new MillraceError(
      'INVALID_PLAN',
      `steps ${other.step} and ${node.step} would share the name ${JSON.stringify(identity)} ` +
        'for what they keep. ' +
        'Use one frame for both, or give one a name: groupBy(…, { name }), window(…, { name }) ' +
        'or process({ name, … }).',
      { step: node.step },
    )
  }
}

function identityOf(node: PlanNode): string | null {
  if (node.kind === 'window' || node.kind === 'process') return `state ${node.identity}`
  if (node.kind !== 'group' || isKeyedBy(node.from.key, node.columns)) return null
  return `repartition ${node.identity}`
}
