import type { TopicDefinition } from '../plan/topic-definition.ts'
import type { CheckpointHook } from '../runtime/checkpoint-step.ts'
import type { Run } from '../runtime/run.ts'

/** What `testing/` may see and set of an application; no part of the public API. */
export interface ApplicationInternals {
  /** The run under way, or null. */
  run(): Run | null
  /** The topics that its plan reads and writes, internal ones aside; dead-letter topics last. */
  topics(): readonly Pick<TopicDefinition, 'name' | 'create'>[]
  /** False: plans run as they were written. Results are the same. */
  useRules(uses: boolean): void
  /** False: expressions are interpreted, no code is generated. Results are the same. */
  generate(generates: boolean): void
  /** Watches the checkpoints of runs that begin after. */
  watchCheckpoint(hook: CheckpointHook): void
}

const INTERNALS = new WeakMap<object, ApplicationInternals>()

/** Called by the application alone. */
export function shareInternals(application: object, internals: ApplicationInternals): void {
  INTERNALS.set(application, internals)
}

export function internalsOf(application: object): ApplicationInternals {
  return INTERNALS.get(application) as ApplicationInternals
}
