/**
 * The contract of the engine under all state: ordered byte keys, atomic batches, one space per
 * task.
 *
 * Implementations: `memory-backend.ts` here, RocksDB in a package of its own. `testStateBackend` is
 * the exam. A run makes its backend from a factory, and with it takes a slot: the place of one
 * process among those of its application. Keys are compared as unsigned bytes. A space holds what
 * was committed; what an epoch changes is kept above it (`layered-store.ts`) and written when the
 * epoch has been committed, in pages (`entry-pages.ts`), or later (`written-later.ts`).
 */
export interface StateEntry {
  readonly key: Uint8Array
  /** Null deletes the key. */
  readonly value: Uint8Array | null
}

export interface StateSpace {
  /** Values in the order of the keys; null where there is none. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]>
  /**
   * Up to `limit` entries with from <= key < to, ascending; `to` null = no end. `isReversed`: the
   * last of them, descending.
   */
  scan(
    from: Uint8Array,
    to: Uint8Array | null,
    limit: number,
    isReversed?: boolean,
  ): Promise<StateEntry[]>
  /**
   * All or nothing, also across a crash where the backend is durable. May be called while an
   * earlier one is under way, and is in force after it then.
   */
  write(entries: readonly StateEntry[]): Promise<void>
  /** Removes every key of the space; all or nothing, also across a crash. */
  clear(): Promise<void>
  /** Removes from <= key < to. A crash may leave part of them. */
  clearRange(from: Uint8Array, to: Uint8Array): Promise<void>
  /** Idempotent; afterwards every call throws STATE_CLOSED. */
  close(): Promise<void>
}

/** What a backend holds and has done; the counts begin with the backend. */
export interface StateStats {
  /** Of the files; 0 where there are none. */
  readonly bytesOnDisk: number
  /** Of caches, buffers and what else the backend holds in memory. */
  readonly bytesInMemory: number
  /** Keys asked for with `getMany`, and those of them that had a value. */
  readonly keysRead: number
  readonly keysFound: number
  /** Entries given to `write`, deletions too, and the bytes of their keys and values. */
  readonly entriesWritten: number
  readonly bytesWritten: number
}

export interface StateBackend {
  readonly name: string
  /** False: what is written is gone with the process. */
  readonly isDurable: boolean
  /**
   * The place this backend holds, by a name that no other process has, on this host or another:
   * what `transactional.id` and `group.instance.id` are made of. A process that takes the place
   * over after a restart gets the same name, if the backend is durable. Letters, digits, `-`.
   */
  readonly slot: string
  /** Opens the space of a task, for example `totals/3`. A space is open at most once. */
  open(space: string): Promise<StateSpace>
  stats(): Promise<StateStats>
  /** Closes the spaces that are open, then gives the slot up. Idempotent. */
  close(): Promise<void>
}

export interface StateContext {
  readonly applicationId: string
  readonly log: StateLog
  /**
   * True: everything in the backend can be made again (from the changelog), so what is found broken
   * is thrown away and said in the log. False: STATE_CORRUPT.
   */
  readonly canRebuild: boolean
  /**
   * What the backend may take for caches and buffers, where the user has told it nothing else.
   * Missing: what it likes.
   */
  readonly memoryBytes?: number
}

/** The part of a logger a backend uses. */
export interface StateLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/** Makes the backend of one run, which closes it; what `rocksdb('./state')` returns. */
export interface StateBackendFactory {
  /** @throws STATE_UNUSABLE, STATE_LOCKED, STATE_CORRUPT, FORMAT_UNKNOWN */
  create(context: StateContext): Promise<StateBackend>
}
