/**
 * State in the memory of the process: for tests, first runs and state that may be lost.
 *
 * A key is kept as a string of one character per byte, whose order is the order of the bytes. The
 * sorted list of keys is made when a scan asks for it and lives until a key comes or goes.
 */
import { randomBytes } from 'node:crypto'
import { MillraceError } from '../errors.ts'
import { assert } from '../util/assert.ts'
import type {
  StateBackend,
  StateBackendFactory,
  StateEntry,
  StateSpace,
  StateStats,
} from './state-backend.ts'

/** State in memory, gone with the run. What an application has that names no other. */
export function memoryState(): StateBackendFactory {
  return { create: async () => memoryBackend() }
}

/**
 * A backend whose spaces last as long as it does; a space that is closed and opened again has what
 * it had.
 */
export function memoryBackend(): StateBackend {
  return new MemoryBackend()
}

type Values = Map<string, Uint8Array>
type Counts = { -readonly [K in CountName]: StateStats[K] }
type CountName = 'keysRead' | 'keysFound' | 'entriesWritten' | 'bytesWritten'

class MemoryBackend implements StateBackend {
  readonly name = 'memory'
  readonly isDurable = false
  readonly slot = `memory-${randomBytes(6).toString('hex')}`
  readonly #values = new Map<string, Values>()
  readonly #counts: Counts = { keysRead: 0, keysFound: 0, entriesWritten: 0, bytesWritten: 0 }
  readonly #open = new Map<string, MemorySpace>()
  #isClosed = false

  async open(space: string): Promise<StateSpace> {
    if (this.#isClosed) throw closed(`the backend, asked for space ${space},`)
    assert(!this.#open.has(space), `a state space is open at most once (${space})`)
    const values: Values = this.#values.get(space) ?? new Map()
    this.#values.set(space, values)
    const opened = new MemorySpace(space, values, this.#counts, () => this.#open.delete(space))
    this.#open.set(space, opened)
    return opened
  }

  async stats(): Promise<StateStats> {
    let bytesInMemory = 0
    for (const values of this.#values.values()) {
      for (const [key, value] of values) bytesInMemory += key.length + value.length
    }
    return { bytesOnDisk: 0, bytesInMemory, ...this.#counts }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const space of [...this.#open.values()]) await space.close()
    this.#values.clear()
  }
}

class MemorySpace implements StateSpace {
  readonly #name: string
  readonly #values: Values
  readonly #counts: Counts
  readonly #onClose: () => void
  #sorted: string[] | null = null
  #isClosed = false

  constructor(name: string, values: Values, counts: Counts, onClose: () => void) {
    this.#name = name
    this.#values = values
    this.#counts = counts
    this.#onClose = onClose
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    this.#requireOpen()
    const found = keys.map(key => copyOf(this.#values.get(textOf(key))))
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
    const [first, end] = this.#between(from, to)
    const count = Math.max(0, Math.min(limit, end - first))
    return Array.from({ length: count }, (_, i) => {
      const key = this.#keys()[isReversed ? end - 1 - i : first + i] as string
      return { key: bytesOf(key), value: copyOf(this.#values.get(key)) }
    })
  }

  async write(entries: readonly StateEntry[]): Promise<void> {
    this.#requireOpen()
    this.#counts.entriesWritten += entries.length
    for (const { key, value } of entries) {
      this.#counts.bytesWritten += key.length + (value?.length ?? 0)
      const text = textOf(key)
      if (this.#values.has(text) !== (value !== null)) this.#sorted = null
      if (value === null) this.#values.delete(text)
      else this.#values.set(text, Uint8Array.from(value))
    }
  }

  async clear(): Promise<void> {
    this.#requireOpen()
    this.#values.clear()
    this.#sorted = null
  }

  async clearRange(from: Uint8Array, to: Uint8Array): Promise<void> {
    this.#requireOpen()
    const [first, end] = this.#between(from, to)
    for (const key of this.#keys().slice(first, Math.max(first, end))) this.#values.delete(key)
    this.#sorted = null
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#onClose()
  }

  #keys(): readonly string[] {
    this.#sorted ??= [...this.#values.keys()].sort()
    return this.#sorted
  }

  /** Indices of the keys with from <= key < to. */
  #between(from: Uint8Array, to: Uint8Array | null): [first: number, end: number] {
    const keys = this.#keys()
    return [firstFrom(keys, textOf(from)), to === null ? keys.length : firstFrom(keys, textOf(to))]
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed(`space ${this.#name}`)
  }
}

/** Index of the first key that is not before `from`. */
function firstFrom(sorted: readonly string[], from: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as string) < from) low = middle + 1
    else high = middle
  }
  return low
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | null {
  return bytes === undefined ? null : Uint8Array.from(bytes)
}

function closed(what: string): MillraceError {
  return new MillraceError(
    'STATE_CLOSED',
    `${what} was closed and was used after. State is used only while its task runs.`,
  )
}
