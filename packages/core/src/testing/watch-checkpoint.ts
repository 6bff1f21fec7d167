import type { Application } from '../api/application.ts'
import { internalsOf } from '../api/application-internals.ts'
import type { CheckpointHook } from '../runtime/checkpoint-step.ts'

/**
 * Has `hook` called before and after each step of the checkpoints of an application, from its next
 * `run` on: to stop or kill a process at a named point.
 */
export function watchCheckpoint(application: Application, hook: CheckpointHook): void {
  internalsOf(application).watchCheckpoint(hook)
}
