/**
 * The rules, in order, and the driver that distrusts them: columns and order of the outputs must be
 * the same after each.
 */
import type { OutputNode } from '../../plan/node.ts'
import { assert } from '../../util/assert.ts'
import { fuseStages } from './fuse-stages.ts'
import { pushReadColumns } from './push-read-columns.ts'
import { pushWanted } from './push-wanted.ts'
import { reuseKey } from './reuse-key.ts'
import type { Rule } from './rule.ts'

export const RULES: readonly Rule[] = [
  // First: where no internal topic is needed, fewer columns are looked at.
  reuseKey,
  // Before fusing: filters and projections are still nodes of their own.
  pushReadColumns,
  pushWanted,
  fuseStages,
]

export function applyRules(
  outputs: readonly OutputNode[],
  rules: readonly Rule[] = RULES,
): readonly OutputNode[] {
  return rules.reduce((plan, rule) => {
    const after = rule.apply(plan)
    const isSame = after.every((output, i) => `${output.schema}` === `${plan[i]?.schema}`)
    assert(after.length === plan.length && isSame, `rule ${rule.name} keeps the outputs' columns`)
    return after
  }, outputs)
}
