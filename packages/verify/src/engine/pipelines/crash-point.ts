/** Where a process is killed: before or after a step of one of its first checkpoints. */
import { CHECKPOINT_STEPS, type CheckpointStep } from '@millrace/core/testing'
import { Random } from '../../random.ts'
import type { Mode } from './modes.ts'

export interface CrashPoint {
  readonly step: CheckpointStep
  readonly moment: 'before' | 'after'
  /** The checkpoint, from 1 on. */
  readonly nth: number
}

/** Follows from the seed, another for each mode. */
export function crashPointOf(seed: number, { batchRecordsMax, isLive }: Mode): CrashPoint {
  const random = new Random(seed ^ (0xc4a5 + batchRecordsMax))
  const step = random.pick(CHECKPOINT_STEPS)
  const moment = random.pick(['before', 'after'] as const)
  // A run to the end has few checkpoints.
  return { step, moment, nth: isLive ? random.int(1, 3) : 1 }
}
