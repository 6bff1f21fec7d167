/**
 * Local disks that outlive the processes of a simulation, and what may happen to them.
 *
 * A slot is a folder with its spaces. Whoever opens it finds what its last holder wrote; that
 * holder, if it still lives, finds its spaces closed. A batch is there as a whole or not at all: a
 * machine that loses its power loses the last batches, in their order over all spaces; a file that
 * was torn in writing is found when the slot is opened, and the whole slot is thrown away.
 */
import { MillraceError } from '../../errors.ts'
import type {
  StateBackend,
  StateBackendFactory,
  StateContext,
  StateEntry,
  StateSpace,
  StateStats,
} from '../../state/state-backend.ts'

/** One byte a character, so that the order of texts is that of bytes. */
type Values = Map<string, Uint8Array>
type Counts = { -readonly [K in CountName]: StateStats[K] }
type CountName = 'keysRead' | 'keysFound' | 'entriesWritten' | 'bytesWritten'
type Spaces = Map<string, Values>

export type DiskMoment = 'before' | 'after'

/** The process that uses a slot, as its disk sees it. */
export interface DiskUser {
  /** Settles when the process may go on; never, once it is dead. */
  pass(): Promise<void>
  /** Told of each batch it writes, before it is on the disk and after. */
  onWrite(moment: DiskMoment): void
}

/** Nothing stops it. */
const FREE: DiskUser = { pass: async () => {}, onWrite: () => {} }

interface Batch {
  readonly values: Values
  /** What the keys had before. */
  readonly before: readonly (readonly [key: string, value: Uint8Array | undefined])[]
}

interface Slot {
  spaces: Spaces
  /** The last batches, newest last. */
  batches: Batch[]
  isFull: boolean
  isTorn: boolean
  copy: Spaces | null
  /** Who has it open. */
  holder: object | null
}

/** Batches that a loss of power may reach. */
const BATCHES_MAX = 16

export class SimulatedDisk {
  readonly #slots = new Map<string, Slot>()

  /** The state of an application; the slot names its transactions. */
  at(name: string, user: DiskUser = FREE): StateBackendFactory {
    return { create: context => this.#open(name, user, context) }
  }

  /** True: writes fail, until told otherwise. */
  fill(name: string, isFull: boolean): void {
    this.#slot(name).isFull = isFull
  }

  /** All of it is deleted. */
  wipe(name: string): void {
    const slot = this.#slot(name)
    slot.spaces = new Map()
    slot.batches = []
  }

  /** The last `count` batches never reached the disk. */
  loseTail(name: string, count: number): void {
    const { batches } = this.#slot(name)
    for (const { values, before } of batches
      .splice(Math.max(0, batches.length - count))
      .reverse()) {
      for (const [key, value] of before) {
        if (value === undefined) values.delete(key)
        else values.set(key, value)
      }
    }
  }

  /** The last batch is there in part. */
  tear(name: string): void {
    this.#slot(name).isTorn = true
  }

  /** Makes a copy of the slot for `putBack`. */
  copy(name: string): void {
    const slot = this.#slot(name)
    slot.copy = copyOf(slot.spaces)
  }

  /** The last copy takes the place of what is there; false = there is no copy. */
  putBack(name: string): boolean {
    const slot = this.#slot(name)
    if (slot.copy === null) return false
    slot.spaces = copyOf(slot.copy)
    slot.batches = []
    return true
  }

  #slot(name: string): Slot {
    const known = this.#slots.get(name)
    if (known !== undefined) return known
    const slot: Slot = {
      spaces: new Map(),
      batches: [],
      isFull: false,
      isTorn: false,
      copy: null,
      holder: null,
    }
    this.#slots.set(name, slot)
    return slot
  }

  async #open(name: string, user: DiskUser, context: StateContext): Promise<StateBackend> {
    await user.pass()
    const slot = this.#slot(name)
    if (slot.isTorn && !context.canRebuild) throw new MillraceError('STATE_CORRUPT', 'it is torn.')
    if (slot.isTorn) this.wipe(name)
    slot.isTorn = false
    return new DiskBackend(name, slot, user)
  }
}

class DiskBackend implements StateBackend {
  readonly name = 'simulated disk'
  readonly isDurable = true
  readonly slot: string
  readonly #on: Slot
  readonly #user: DiskUser
  readonly #open = new Map<string, DiskSpace>()
  readonly #counts: Counts = { keysRead: 0, keysFound: 0, entriesWritten: 0, bytesWritten: 0 }

  constructor(slot: string, on: Slot, user: DiskUser) {
    this.slot = slot
    this.#on = on
    this.#user = user
    on.holder = this
  }

  async open(name: string): Promise<StateSpace> {
    if (this.#on.holder !== this) throw closed('the slot')
    if (this.#open.has(name)) throw new MillraceError('INTERNAL', `${name} is open already.`)
    const values: Values = this.#on.spaces.get(name) ?? new Map()
    this.#on.spaces.set(name, values)
    const onClose = (): void => void this.#open.delete(name)
    const isHeld = (): boolean => this.#on.holder === this
    const owner = { onClose, isHeld, counts: this.#counts }
    const space = new DiskSpace(values, this.#on, this.#user, owner)
    this.#open.set(name, space)
    return space
  }

  async stats(): Promise<StateStats> {
    return { bytesOnDisk: 0, bytesInMemory: 0, ...this.#counts }
  }

  async close(): Promise<void> {
    for (const space of [...this.#open.values()]) await space.close()
    if (this.#on.holder === this) this.#on.holder = null
  }
}

interface SpaceOwner {
  onClose(): void
  /** False: another has the slot. */
  isHeld(): boolean
  readonly counts: Counts
}

class DiskSpace implements StateSpace {
  readonly #values: Values
  readonly #slot: Slot
  readonly #user: DiskUser
  readonly #owner: SpaceOwner
  #isClosed = false

  constructor(values: Values, slot: Slot, user: DiskUser, owner: SpaceOwner) {
    this.#values = values
    this.#slot = slot
    this.#user = user
    this.#owner = owner
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | null)[]> {
    return this.#call(() => {
      const found = keys.map(key => this.#values.get(textOf(key)) ?? null)
      this.#owner.counts.keysRead += keys.length
      this.#owner.counts.keysFound += found.filter(value => value !== null).length
      return found
    })
  }

  scan(
    from: Uint8Array,
    to: Uint8Array | null,
    limit: number,
    isReversed = false,
  ): Promise<StateEntry[]> {
    return this.#call(() => {
      const keys = this.#keysIn(from, to).sort()
      const wanted = isReversed ? keys.reverse() : keys
      return wanted.slice(0, limit).map(key => ({
        key: bytesOf(key),
        value: this.#values.get(key) as Uint8Array,
      }))
    })
  }

  async write(entries: readonly StateEntry[]): Promise<void> {
    await this.#call(() => this.#user.onWrite('before'))
    await this.#call(() => {
      if (this.#slot.isFull) {
        const text = 'the simulated disk is full. Make room, and start again.'
        throw new MillraceError('STATE_UNUSABLE', text)
      }
      this.#write(entries)
      this.#owner.counts.entriesWritten += entries.length
      for (const { key, value } of entries) {
        this.#owner.counts.bytesWritten += key.length + (value?.length ?? 0)
      }
      this.#user.onWrite('after')
    })
  }

  clear(): Promise<void> {
    return this.#call(() => this.#write([...this.#values.keys()].map(deletion)))
  }

  /** Key by key: a loss of power leaves a part. */
  async clearRange(from: Uint8Array, to: Uint8Array): Promise<void> {
    const keys = await this.#call(() => this.#keysIn(from, to))
    for (const key of keys) await this.#call(() => this.#write([deletion(key)]))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#owner.onClose()
  }

  #keysIn(from: Uint8Array, to: Uint8Array | null): string[] {
    const [first, end] = [textOf(from), to === null ? null : textOf(to)]
    const isIn = (key: string): boolean => key >= first && (end === null || key < end)
    return [...this.#values.keys()].filter(isIn)
  }

  #write(entries: readonly StateEntry[]): void {
    const { batches } = this.#slot
    const values = this.#values
    const changed = new Set(entries.map(({ key }) => textOf(key)))
    batches.push({ values, before: [...changed].map(key => [key, values.get(key)] as const) })
    if (batches.length > BATCHES_MAX) batches.shift()
    for (const { key, value } of entries) {
      if (value === null) values.delete(textOf(key))
      else values.set(textOf(key), Uint8Array.from(value))
    }
  }

  async #call<T>(effect: () => T): Promise<T> {
    await this.#user.pass()
    if (this.#isClosed || !this.#owner.isHeld()) throw closed('the space')
    const result = effect()
    await this.#user.pass()
    return result
  }
}

function copyOf(spaces: Spaces): Spaces {
  return new Map([...spaces].map(([name, values]) => [name, new Map(values)]))
}

function deletion(key: string): StateEntry {
  return { key: bytesOf(key), value: null }
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function closed(what: string): MillraceError {
  return new MillraceError('STATE_CLOSED', `${what} was closed, or another process has it.`)
}
