/**
 * The engine over npm's `classic-level`: LevelDB, with binaries for machines that `rocksdb` has
 * none for, linux on arm64 first of all.
 *
 * Only what is used of the package is typed here, so that its types are no part of ours.
 */
import type { Change, Database, Engine, EngineSettings } from './engine.ts'

interface LevelIterator {
  nextv(size: number): Promise<[Buffer, Buffer][]>
  close(): Promise<void>
}

interface Level {
  open(options: object): Promise<void>
  close(): Promise<void>
  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]>
  batch(changes: Change[], options: { sync: boolean }): Promise<void>
  clear(range: { gte: Buffer; lt: Buffer }): Promise<void>
  iterator(options: object): LevelIterator
  getProperty(name: string): string
}

/** What `require('classic-level')` gives. */
export interface ClassicLevelModule {
  readonly ClassicLevel: new (folder: string, options: object) => Level
}

const ENCODINGS = { keyEncoding: 'buffer', valueEncoding: 'buffer' }

/** LevelDB's 2 MiB would make thousands of files of a large state. */
const FILE_BYTES_MAX = 16 * 1024 * 1024

/** Bytes that an iterator fetches at a time. */
const READ_AHEAD_BYTES = 128 * 1024

export function classicLevelEngine({ ClassicLevel }: ClassicLevelModule): Engine {
  return {
    name: 'classic-level',
    async open(folder, settings) {
      const level = new ClassicLevel(folder, ENCODINGS)
      await level.open(optionsOf(settings))
      return new LevelDatabase(level)
    },
  }
}

function optionsOf(settings: EngineSettings): object {
  return {
    cacheSize: settings.cacheBytes,
    writeBufferSize: settings.writeBufferBytes,
    blockSize: settings.blockBytes,
    maxOpenFiles: settings.openFilesMax,
    maxFileSize: FILE_BYTES_MAX,
    compression: settings.compression,
  }
}

class LevelDatabase implements Database {
  readonly #level: Level

  constructor(level: Level) {
    this.#level = level
  }

  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.#level.getMany(keys)
  }

  async scan(
    from: Buffer,
    to: Buffer,
    limit: number,
    isReversed = false,
  ): Promise<[Buffer, Buffer][]> {
    const readAhead = { highWaterMarkBytes: READ_AHEAD_BYTES }
    const range = { gte: from, lt: to, limit, reverse: isReversed, ...readAhead }
    const iterator = this.#level.iterator(range)
    const entries: [Buffer, Buffer][] = []
    try {
      for (;;) {
        const more = await iterator.nextv(limit)
        if (more.length === 0) return entries
        for (const entry of more) entries.push(entry)
      }
    } finally {
      await iterator.close()
    }
  }

  write(changes: Change[], isSynced: boolean): Promise<void> {
    return this.#level.batch(changes, { sync: isSynced })
  }

  clear(from: Buffer, to: Buffer): Promise<void> {
    return this.#level.clear({ gte: from, lt: to })
  }

  bytesInMemory(): number {
    return Number(this.#level.getProperty('leveldb.approximate-memory-usage'))
  }

  close(): Promise<void> {
    return this.#level.close()
  }
}
