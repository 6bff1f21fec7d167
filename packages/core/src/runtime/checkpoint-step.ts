/** The steps of a checkpoint that may be watched, in their order; `checkpoint.ts` has the law. */
export const CHECKPOINT_STEPS = [
  'barrier',
  'prepare',
  'changelog',
  'flush',
  'commit',
  'keep',
  'publish',
] as const

export type CheckpointStep = (typeof CHECKPOINT_STEPS)[number]

/**
 * Called before the effect of a step and after it; the checkpoint waits for what it gives. A hook
 * that never comes back is a process that stands still there.
 */
export type CheckpointHook = (
  step: CheckpointStep,
  moment: 'before' | 'after',
) => void | Promise<void>

/** Milliseconds that each step took. */
export type CheckpointTimes = { [S in CheckpointStep]?: number }
