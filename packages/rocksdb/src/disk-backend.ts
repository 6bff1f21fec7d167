/**
 * State on a local disk: the backend of one process, in one database, in the slot it holds.
 *
 * Local state is a copy of what the changelog has, made to start quickly. It is never ahead of a
 * commit, and any earlier state of it is good, as each batch says how far it is. So nothing waits
 * for the disk; what remains is to recognise state that is no earlier state but a torn one: after a
 * write has failed nothing more is written, and the slot's record tells a loss of power.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  MillraceError,
  type StateBackend,
  type StateContext,
  type StateSpace,
  type StateStats,
} from '@millrace/core'
import type { Database } from './engine.ts'
import { writeStateRecord } from './records.ts'
import type { Slot } from './slot.ts'
import type { StateCounts } from './state-counts.ts'
import { stateError } from './state-error.ts'
import { RECORD_KEY } from './state-keys.ts'
import { type Access, closed, DiskSpace } from './state-space.ts'

export interface DiskState {
  readonly name: string
  readonly slot: Slot
  readonly database: Database
  /** Each write is on the disk when it resolves. */
  readonly isSynced: boolean
  readonly log: StateContext['log']
}

export class DiskBackend implements StateBackend {
  readonly name: string
  readonly isDurable = true
  readonly #state: DiskState
  readonly #spaces = new Map<string, DiskSpace>()
  readonly #counts: StateCounts = { keysRead: 0, keysFound: 0, entriesWritten: 0, bytesWritten: 0 }
  /** Calls under way; the database closes after them. */
  readonly #calls = new Set<Promise<unknown>>()
  /** What went wrong in writing, or was found broken. */
  #failure: MillraceError | null = null
  #closing: Promise<void> | null = null

  constructor(state: DiskState) {
    this.#state = state
    this.name = state.name
  }

  get slot(): string {
    return this.#state.slot.name
  }

  async open(name: string): Promise<StateSpace> {
    if (this.#closing !== null) throw closed(`the backend, asked for space ${name},`)
    if (this.#spaces.has(name)) {
      throw new MillraceError(
        'INTERNAL',
        `state space ${name} is open already; a space is open at most once. This is a bug of ` +
          'Millrace; please report it with this stack.',
      )
    }
    const space = new DiskSpace(name, this.#access(name), this.#counts)
    this.#spaces.set(name, space)
    try {
      await space.recover()
    } catch (error) {
      await space.close()
      throw error
    }
    return space
  }

  async stats(): Promise<StateStats> {
    const { database, slot } = this.#state
    const bytesInMemory = this.#closing === null ? database.bytesInMemory() : 0
    return { bytesOnDisk: await bytesOf(slot.folder), bytesInMemory, ...this.#counts }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The state goes to the disk first, then the record says so, then the lock is given up. */
  async #close(): Promise<void> {
    const { database, slot, isSynced } = this.#state
    for (const space of [...this.#spaces.values()]) await space.close()
    await Promise.allSettled(this.#calls)
    try {
      const isWhole = this.#failure === null
      if (isWhole && !isSynced) {
        const value = writeStateRecord(slot.id)
        await database.write([{ type: 'put', key: RECORD_KEY, value }], true)
      }
      await database.close()
      if (isWhole) await slot.note({ isWhole, isBroken: false })
    } catch (error) {
      throw stateError(error, slot.folder)
    } finally {
      await slot.free()
    }
  }

  #access(name: string): Access {
    return {
      read: work => this.#call(() => work(this.#state.database)),
      write: work => this.#call(() => this.#write(work)),
      onClose: () => this.#spaces.delete(name),
    }
  }

  async #write(work: (database: Database, isSynced: boolean) => Promise<void>): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    const { database, isSynced, slot } = this.#state
    try {
      await work(database, isSynced)
    } catch (error) {
      this.#failure = stateError(error, slot.folder)
      throw this.#failure
    }
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    const call = work()
    this.#calls.add(call)
    try {
      return await call
    } catch (error) {
      throw await this.#failed(error)
    } finally {
      this.#calls.delete(call)
    }
  }

  /** Damage is noted, so that the next process does not trust the state. */
  async #failed(error: unknown): Promise<MillraceError> {
    const { slot, log } = this.#state
    const failure = stateError(error, slot.folder)
    if (failure.code !== 'STATE_CORRUPT') return failure
    this.#failure = failure
    await slot.note({ isWhole: false, isBroken: true }).catch(reason => {
      log.warn({ err: reason, folder: slot.folder }, 'damage of the state could not be noted')
    })
    return failure
  }
}

async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder)
  // A file may be gone by now.
  const sizes = names.map(name =>
    stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
