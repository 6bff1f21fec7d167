/**
 * How the time of a simulated process is shared out: some calls wait for some turns of the event
 * loop, as the seed says, so that what happens at once happens in every order.
 */
import type { Chance } from './chance.ts'

/** Of all calls, so many wait. */
export const PACES = { calm: 0, busy: 0.1, stormy: 0.4 } as const
export type PaceName = keyof typeof PACES

const TURNS_MAX = 6

export class Pace {
  #share: number
  readonly #chance: Chance

  constructor(name: PaceName, chance: Chance) {
    this.#share = PACES[name]
    this.#chance = chance
  }

  get isCalm(): boolean {
    return this.#share === 0
  }

  /** From here on nothing waits. */
  calmDown(): void {
    this.#share = 0
  }

  async pause(): Promise<void> {
    if (this.isCalm || !this.#chance.happens(this.#share)) return
    const turns = 1 + this.#chance.below(TURNS_MAX)
    for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
  }
}
