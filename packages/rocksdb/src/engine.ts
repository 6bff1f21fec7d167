/**
 * The little that Millrace asks of a database on a local disk: ordered keys, batches that are all
 * or nothing, a lock that ends with the process.
 *
 * `rocksdb-engine.ts` and `classic-level-engine.ts` are the two there are. Their errors pass
 * through as they are; `state-error.ts` tells them apart. Keys and values are never empty.
 */
export interface EngineSettings {
  readonly cacheBytes: number
  /** Two of them can be in memory at a time. */
  readonly writeBufferBytes: number
  readonly blockBytes: number
  readonly openFilesMax: number
  readonly compression: boolean
}

interface Put {
  readonly type: 'put'
  readonly key: Buffer
  readonly value: Buffer
}

interface Delete {
  readonly type: 'del'
  readonly key: Buffer
}

export type Change = Put | Delete

export interface Engine {
  /** Also part of the names of its folders: one engine can't read what another wrote. */
  readonly name: 'rocksdb' | 'classic-level'
  /** Makes the database where there is none; holds its lock until it is closed. */
  open(folder: string, settings: EngineSettings): Promise<Database>
}

export interface Database {
  /** In the order of the keys; undefined where there is none. */
  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]>
  /**
   * Up to `limit` (1 or more) entries with from <= key < to, ascending as unsigned bytes;
   * `isReversed`: the last of them, descending.
   */
  scan(
    from: Buffer,
    to: Buffer,
    limit: number,
    isReversed?: boolean,
  ): Promise<[key: Buffer, value: Buffer][]>
  /** All or nothing. `isSynced`: resolves when it is on the disk, not only with the system. */
  write(changes: Change[], isSynced: boolean): Promise<void>
  /** Removes from <= key < to, in many small batches. */
  clear(from: Buffer, to: Buffer): Promise<void>
  bytesInMemory(): number
  close(): Promise<void>
}
