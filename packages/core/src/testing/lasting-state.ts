/**
 * State in memory that outlives a crash, as a disk does: for tests of restarts.
 *
 * One object is the disk, `at` a slot on it. Whoever takes a slot finds what its last holder wrote;
 * that holder, if it still lives, finds its spaces closed.
 */
import { MillraceError } from '../errors.ts'
import { memoryBackend } from '../state/memory-backend.ts'
import type { StateBackend, StateBackendFactory, StateSpace } from '../state/state-backend.ts'

interface Slot {
  readonly values: StateBackend
  /** Of the holder alone. */
  open: Set<StateSpace>
}

export class LastingState {
  readonly #slots = new Map<string, Slot>()

  /** For an application; the slot names its transactions. */
  at(slot: string): StateBackendFactory {
    return { create: async () => this.#take(slot) }
  }

  async #take(slot: string): Promise<StateBackend> {
    const known = this.#slots.get(slot) ?? { values: memoryBackend(), open: new Set() }
    this.#slots.set(slot, known)
    await closeAll(known.open)
    const { values } = known
    const mine = new Set<StateSpace>()
    known.open = mine
    return {
      name: 'lasting',
      isDurable: true,
      slot,
      open: async name => {
        if (known.open !== mine) throw new MillraceError('STATE_CLOSED', 'another has the slot.')
        const space = await values.open(name)
        mine.add(space)
        return space
      },
      stats: () => values.stats(),
      close: () => closeAll(mine),
    }
  }
}

async function closeAll(spaces: Set<StateSpace>): Promise<void> {
  for (const space of spaces) await space.close()
}
