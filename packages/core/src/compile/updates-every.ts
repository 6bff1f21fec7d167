import { MillraceError } from '../errors.ts'
import type { PlanNode } from '../plan/node.ts'
import type { WindowNode } from '../plan/window.ts'

/**
 * How often the results of a window go out while it is open; null = nobody reads them.
 * @throws INVALID_PLAN when its readers want it differently.
 */
export function updatesEvery(node: WindowNode, members: readonly PlanNode[]): number | null {
  const times = members.flatMap(member =>
    member.kind === 'updates' && member.from === node ? [member.everyMs] : [],
  )
  const [first] = times
  if (first === undefined) return null
  if (times.every(time => time === first)) return first
  throw new MillraceError(
    'INVALID_PLAN',
    `the windows of ${node.step} give updates at different times. Use one frame of updates for ` +
      'all who read them.',
    { step: node.step },
  )
}
