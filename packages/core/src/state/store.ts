/** What the runtime asks of the state of an operator; `layered-store.ts` is the one there is. */
import type { StateEntry, StateSpace } from './state-backend.ts'

/** What an epoch has changed, in stored form. */
export interface SealedState {
  /** New values, and null for what is gone; a key is in it once. */
  readonly entries: readonly StateEntry[]
  /**
   * Key ranges (from, to) of the space that are gone as a whole and whose changelog entries were
   * told at once: to be removed before the entries are written.
   */
  readonly cleared: readonly (readonly [from: Uint8Array, to: Uint8Array])[]
}

export interface OperatorStore {
  /**
   * Takes up what the space holds, before the first batch.
   * @param forget writes deletions to the changelog at once: those of buckets too large to be held
   * until the epoch ends.
   */
  open(space: StateSpace, forget: (entries: readonly StateEntry[]) => void): Promise<void>
  /** What has changed since the last call; once per checkpoint. */
  seal(): SealedState
  /** What was sealed last has been committed, and the space has it. */
  kept(): void
  close(): void
}
