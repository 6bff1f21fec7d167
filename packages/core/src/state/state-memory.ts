/**
 * The memory that the live state of one process may take, over all tasks and stores.
 *
 * Stores report what their entries take. What an epoch has changed and not yet put to disk is held
 * (`heldBytes`): it can't be let go, so much of it makes the run commit early, and too much of it
 * makes the run stop reading. What is clean is let go by `trim`, called between two batches only,
 * when the bound is exceeded.
 */
export interface Trimmed {
  /** Lets clean entries go, about `bytes` of them, if it has so much. */
  evict(bytes: number): void
}

/** What live state takes, in estimated bytes; objects count for more (entry-weight.ts). */
export interface StateMemoryStatus {
  readonly usedBytes: number
  /** Part of them: changed and not yet committed. */
  readonly heldBytes: number
  readonly bytesMax: number
  /** How often clean entries had to go to make room. */
  readonly evictions: number
}

/** Trimming goes down to this part of the bound, so that it is not done for every batch. */
const TRIM_TO = 0.9
/**
 * Parts of the bound that may be held before a commit is wanted, and before nothing more is taken
 * in. Small, as what is committed is in memory several times on its way: sealed, in the client's
 * queue, in the batch for the backend; and a commit of little is soon done.
 */
const COMMIT_AT = 0.25
const FULL_AT = 0.5

/** Of the bound that a user gives; what is left is for all of them together. */
const LIVE = 1 / 4
const UNWRITTEN = 1 / 16
const BACKEND = 1 / 6

export interface MemoryShares {
  /** For live state. */
  readonly live: number
  /** For what was committed and is not with the backend yet. */
  readonly unwritten: number
  /** For caches and buffers of the backend. */
  readonly backend: number
}

/**
 * One bound for all that state takes. More than half stays free. Caches and buffers of the backend
 * lie among what its threads allocate for a moment, and glibc keeps such memory. And what is sealed
 * has its bytes beside its objects until the commit, and again in the queue of the producer. With
 * five twelfths and a fifth the heap and the threads were what went beyond the bound
 * (docs/performance.md, "Where memory goes").
 */
export function shareMemory(bytesMax: number): MemoryShares {
  return {
    live: Math.max(1, Math.floor(bytesMax * LIVE)),
    unwritten: Math.floor(bytesMax * UNWRITTEN),
    backend: Math.floor(bytesMax * BACKEND),
  }
}

export class StateMemory {
  readonly bytesMax: number
  #usedBytes = 0
  #heldBytes = 0
  #evictions = 0
  readonly #stores = new Set<Trimmed>()

  /** @param bytesMax estimated bytes of entries. */
  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** How often clean entries had to go. */
  get evictions(): number {
    return this.#evictions
  }

  /** So much is held that the epoch should end. */
  get wantsCommit(): boolean {
    return this.#heldBytes >= this.bytesMax * COMMIT_AT
  }

  /** So much is held that nothing more should be taken in before the epoch under way is kept. */
  get isFull(): boolean {
    return this.#heldBytes >= this.bytesMax * FULL_AT
  }

  status(): StateMemoryStatus {
    const { usedBytes, heldBytes, bytesMax, evictions } = this
    return { usedBytes, heldBytes, bytesMax, evictions }
  }

  use(bytes: number): void {
    this.#usedBytes += bytes
  }

  hold(bytes: number): void {
    this.#heldBytes += bytes
  }

  join(store: Trimmed): void {
    this.#stores.add(store)
  }

  leave(store: Trimmed): void {
    this.#stores.delete(store)
  }

  /** Between two batches: lets clean entries go when too much is in memory. */
  trim(): void {
    if (this.#usedBytes <= this.bytesMax) return
    const wanted = this.#usedBytes - this.bytesMax * TRIM_TO
    const total = this.#usedBytes
    this.#evictions++
    for (const store of this.#stores) {
      const left = this.#usedBytes - (total - wanted)
      if (left <= 0) return
      store.evict(left)
    }
  }
}
