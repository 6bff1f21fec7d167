import type { Pipeline } from '../operator/pipeline.ts'
import type { Run } from '../runtime/run.ts'

/** What `testing/` may see and set of an application; no part of the public API. */
export interface ApplicationInternals {
  /** The run under way, or null. */
  run(): Run | null
  /** What would run now. @throws INVALID_PLAN */
  pipeline(): Pipeline
  /** False: plans run as they were written. Results are the same. */
  useRules(uses: boolean): void
}

const INTERNALS = new WeakMap<object, ApplicationInternals>()

/** Called by the application alone. */
export function shareInternals(application: object, internals: ApplicationInternals): void {
  INTERNALS.set(application, internals)
}

export function internalsOf(application: object): ApplicationInternals {
  return INTERNALS.get(application) as ApplicationInternals
}
