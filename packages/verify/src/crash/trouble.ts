/** What happens to the processes of a story, in an order that follows from the seed. */
import type { Guarantee } from '@millrace/core'
import { CHECKPOINT_STEPS } from '@millrace/core/testing'
import { Random } from '../random.ts'
import type { FaultPoint } from './messages.ts'

export type Trouble =
  /** SIGKILL at a named fault point; the process is started again at once. */
  | { readonly kind: 'kill-at'; readonly at: FaultPoint }
  /** SIGKILL after some milliseconds. */
  | { readonly kind: 'kill'; readonly afterMs: number }
  /** SIGKILL of all processes at once. */
  | { readonly kind: 'kill-all'; readonly afterMs: number }
  /** SIGKILL, and the state folder is deleted before the process is started again. */
  | { readonly kind: 'lose-disk'; readonly afterMs: number }
  /** SIGSTOP at a fault point, for longer than the session, then SIGCONT. */
  | { readonly kind: 'zombie'; readonly at: FaultPoint }
  /** The broker refuses an output of the epoch under way. */
  | { readonly kind: 'refused-delivery' }
  /** The broker goes down and comes again. */
  | { readonly kind: 'bounce' }

const RANDOM_KILLS = 5
const KILL_WITHIN_MS = 400

export const FAULT_POINTS: readonly FaultPoint[] = CHECKPOINT_STEPS.flatMap(step => [
  { step, moment: 'before' } as const,
  { step, moment: 'after' } as const,
])

/**
 * Where a zombie is frozen: around the commit, where it could do most harm. Before the flush its
 * client may still send outputs when it wakes; under at-least-once nobody refuses them, and an
 * update that is old may then be the last (docs/guarantees.md).
 */
const ZOMBIE_POINTS: readonly FaultPoint[] = [
  { step: 'flush', moment: 'after' },
  { step: 'commit', moment: 'before' },
  { step: 'commit', moment: 'after' },
]
const ZOMBIE_POINT_FENCED: FaultPoint = { step: 'changelog', moment: 'after' }

/** @param canBounce whether the broker is ours to restart. */
export function troublesOf(
  seed: number,
  guarantee: Guarantee,
  canBounce: boolean,
): readonly Trouble[] {
  const random = new Random(seed)
  const afterMs = (): number => random.below(KILL_WITHIN_MS)
  const troubles: Trouble[] = FAULT_POINTS.map(at => ({ kind: 'kill-at', at }))
  for (let i = 0; i < RANDOM_KILLS; i++) troubles.push({ kind: 'kill', afterMs: afterMs() })
  troubles.push({ kind: 'kill-all', afterMs: afterMs() }, { kind: 'lose-disk', afterMs: afterMs() })
  const isFenced = guarantee === 'exactly-once'
  const points = isFenced ? [...ZOMBIE_POINTS, ZOMBIE_POINT_FENCED] : ZOMBIE_POINTS
  const at = points[random.below(points.length)] as FaultPoint
  troubles.push({ kind: 'zombie', at }, { kind: 'refused-delivery' })
  if (canBounce) troubles.push({ kind: 'bounce' })
  return random.shuffled(troubles)
}
