/**
 * What waits for a process at a named place: a step of a checkpoint, a batch on its way to the
 * disk, a call to the broker. The first process to come by falls in.
 */
import type { CheckpointStep } from '../../runtime/checkpoint-step.ts'
import type { DiskMoment } from './simulated-disk.ts'
import type { SimulatedProcess } from './simulated-process.ts'

type Act = (process: SimulatedProcess) => void

interface Trap {
  readonly at: string
  /** How many pass before. */
  skip: number
  readonly act: Act
}

export class Traps {
  #traps: Trap[] = []
  /** Take back what was planted in the broker. */
  readonly #others: (() => void)[] = []

  atStep(step: CheckpointStep, moment: 'before' | 'after', skip: number, act: Act): void {
    this.#traps.push({ at: `${moment} ${step}`, skip, act })
  }

  atWrite(moment: DiskMoment, skip: number, act: Act): void {
    this.#traps.push({ at: `${moment} a write`, skip, act })
  }

  /** One that stands elsewhere, as the function that takes it away. */
  elsewhere(takeAway: () => void): void {
    this.#others.push(takeAway)
  }

  clear(): void {
    this.#traps = []
    for (const takeAway of this.#others.splice(0)) takeAway()
  }

  onStep(process: SimulatedProcess, step: CheckpointStep, moment: 'before' | 'after'): void {
    this.#meet(process, `${moment} ${step}`)
  }

  onWrite(process: SimulatedProcess, moment: DiskMoment): void {
    this.#meet(process, `${moment} a write`)
  }

  #meet(process: SimulatedProcess, at: string): void {
    for (const trap of this.#traps.filter(each => each.at === at)) {
      if (trap.skip-- > 0) continue
      this.#traps = this.#traps.filter(other => other !== trap)
      trap.act(process)
    }
  }
}
