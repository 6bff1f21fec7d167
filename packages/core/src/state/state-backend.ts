/**
 * The contract of the engine under all state: ordered byte keys, atomic batches, one space per
 * task.
 *
 * Implementations: `memory-backend.ts` here, RocksDB in a package of its own. `testStateBackend` is
 * the exam. Keys are compared as unsigned bytes. A space holds what was committed; what an epoch
 * changes is kept above it (`window-store.ts`) and written in one batch when the epoch has been
 * committed.
 */
export interface StateEntry {
  readonly key: Uint8Array
  /** Null deletes the key. */
  readonly value: Uint8Array | null
}

export interface StateSpace {
  /** Values in the order of the keys; null where there is none. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]>
  /** Up to `limit` entries with from <= key < to, ascending; `to` null = no end. */
  scan(from: Uint8Array, to: Uint8Array | null, limit: number): Promise<StateEntry[]>
  /** All or nothing, also across a crash where the backend is durable. */
  write(entries: readonly StateEntry[]): Promise<void>
  /** Removes every key of the space. */
  clear(): Promise<void>
  /** Idempotent; afterwards every call throws STATE_CLOSED. */
  close(): Promise<void>
}

export interface StateBackend {
  readonly name: string
  /** False: what is written is gone with the process. */
  readonly isDurable: boolean
  /** Opens the space of a task, for example `totals/3`. A space is open at most once. */
  open(space: string): Promise<StateSpace>
  close(): Promise<void>
}
