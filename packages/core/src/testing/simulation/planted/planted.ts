import type { Application } from '../../../api/application.ts'
import type { CheckpointStep } from '../../../runtime/checkpoint-step.ts'
import type { StateBackendFactory } from '../../../state/state-backend.ts'
import type { TransportFactory } from '../../../transport/transport.ts'
import type { Story } from '../story.ts'

/** A bug at work, at any of the places where it can be. */
export interface Planted {
  /** What every process has instead of its broker. */
  transport?(real: TransportFactory): TransportFactory
  /** What every process has instead of its state. */
  state?(real: StateBackendFactory): StateBackendFactory
  /** Called at each step of a checkpoint, before anything else happens there. */
  onStep?(app: Application, step: CheckpointStep, moment: 'before' | 'after'): Promise<void> | void
  /** Takes back what was changed for everybody. */
  remove?(): void
}

/** A wrong version of a part of the runtime, which the stories must find. */
export interface PlantedBug {
  readonly name: string
  /** The first story that shows it, as far as is known. */
  readonly seed: number
  /** What is told otherwise than the seed says; always of one program. */
  readonly story: Partial<Story> & Pick<Story, 'program'>
  plant(): Planted
}
