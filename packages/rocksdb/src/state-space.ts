/**
 * The state of one task: its part of the database, cut out by the prefix of its keys.
 *
 * `clear` is all or nothing too, although it is many small batches: a mark is set first and taken
 * away last, and who finds one goes on with the clearing.
 */
import { MillraceError, type StateEntry, type StateSpace } from '@millrace/core'
import { changesOf } from './changes-of.ts'
import type { Database } from './engine.ts'
import { openValue } from './sealed-value.ts'
import type { StateCounts } from './state-counts.ts'
import { clearingKey, endOfPrefix, prefixed, spacePrefix } from './state-keys.ts'

/** How a space gets at the database: errors told apart, failures kept. */
export interface Access {
  read<T>(work: (database: Database) => Promise<T>): Promise<T>
  /** Refused after a write has failed. */
  write(work: (database: Database, isSynced: boolean) => Promise<void>): Promise<void>
  onClose(): void
}

export class DiskSpace implements StateSpace {
  readonly #name: string
  readonly #access: Access
  readonly #counts: StateCounts
  readonly #prefix: Buffer
  #isClosed = false
  #lastWrite: Promise<void> = Promise.resolve()

  constructor(name: string, access: Access, counts: StateCounts) {
    this.#name = name
    this.#access = access
    this.#counts = counts
    this.#prefix = spacePrefix(name)
  }

  /** Goes on with a clearing that was cut short. */
  async recover(): Promise<void> {
    const [mark] = await this.#access.read(database => database.getMany([clearingKey(this.#name)]))
    if (mark !== undefined) await this.clear()
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    this.#requireOpen()
    if (keys.length === 0) return []
    const full = prefixed(this.#prefix, keys)
    const found = await this.#access.read(async database => {
      const values = await database.getMany(full)
      return values.map((value, i) =>
        value === undefined ? null : openValue(full[i] as Buffer, value),
      )
    })
    this.#counts.keysRead += keys.length
    for (const value of found) if (value !== null) this.#counts.keysFound++
    return found
  }

  async scan(
    from: Uint8Array,
    to: Uint8Array | null,
    limit: number,
    isReversed = false,
  ): Promise<StateEntry[]> {
    this.#requireOpen()
    const [start] = prefixed(this.#prefix, [from]) as [Buffer]
    const [end] = to === null ? [endOfPrefix(this.#prefix)] : prefixed(this.#prefix, [to])
    if (limit < 1 || Buffer.compare(start, end as Buffer) >= 0) return []
    const skip = this.#prefix.length
    return this.#access.read(async database => {
      const entries = await database.scan(start, end as Buffer, limit, isReversed)
      return entries.map(([key, value]) => ({
        key: key.subarray(skip),
        value: openValue(key, value),
      }))
    })
  }

  async write(entries: readonly StateEntry[]): Promise<void> {
    this.#requireOpen()
    if (entries.length === 0) return
    const { changes, bytes } = changesOf(this.#prefix, entries)
    // What is given later is written later, also when this is still under way.
    const written = this.#lastWrite.then(() =>
      this.#access.write((database, isSynced) => database.write(changes, isSynced)),
    )
    this.#lastWrite = written.catch(() => {})
    await written
    this.#counts.entriesWritten += entries.length
    this.#counts.bytesWritten += bytes
  }

  async clear(): Promise<void> {
    this.#requireOpen()
    const mark = clearingKey(this.#name)
    const none = Buffer.of(1)
    await this.#access.write(async (database, isSynced) => {
      await database.write([{ type: 'put', key: mark, value: none }], isSynced)
      await database.clear(this.#prefix, endOfPrefix(this.#prefix))
      await database.write([{ type: 'del', key: mark }], isSynced)
    })
  }

  async clearRange(from: Uint8Array, to: Uint8Array): Promise<void> {
    this.#requireOpen()
    const [start, end] = prefixed(this.#prefix, [from, to]) as [Buffer, Buffer]
    await this.#access.write(database => database.clear(start, end))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#access.onClose()
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed(`space ${this.#name}`)
  }
}

export function closed(what: string): MillraceError {
  return new MillraceError(
    'STATE_CLOSED',
    `${what} was closed and was used after. State is used only while its task runs.`,
  )
}
