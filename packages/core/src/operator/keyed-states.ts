/**
 * The states of all keys of a `process` step, and when something is due for which of them.
 *
 * The state of a key is one entry of its store; three indices say where timers are due in event
 * time, when keys may have expired, and where timers are due on the wall. A key whose last record
 * is longer ago than its time to live is gone at once for whoever asks, and taken out when event
 * time reaches that moment.
 */
import { LayeredStore } from '../state/layered-store.ts'
import type { Timer } from '../state/process-context.ts'
import type { OperatorStore } from '../state/store.ts'
import { DueIndex } from './due-index.ts'
import { isEmpty, type KeyState, keyStateCodec, newKeyState, type StateKind } from './key-state.ts'
import type { ProcessOptions } from './process-options.ts'

/** Something is due at a time: timers, or the end of keys. */
export interface Due {
  readonly kind: 'event' | 'expiry'
  readonly due: number
}

/** When timers of a key are due. */
export interface Dues {
  readonly event: readonly number[]
  readonly wall: readonly number[]
  /** One begins to count at the end of the epoch. */
  readonly counts: boolean
}

/** States stand in one bucket of their store. */
const STATES = 0
const NO_DUES: Dues = { event: [], wall: [], counts: false }

export class KeyedStates {
  readonly event: DueIndex
  readonly wall: DueIndex
  readonly stores: readonly OperatorStore[]
  readonly #states: LayeredStore<KeyState>
  readonly #expiry: DueIndex
  readonly #ttlMs: number | null
  readonly #kinds: readonly StateKind[]
  readonly #onExpired: () => void
  /** Keys with wall timers that count from the end of this epoch. */
  #counting = new Set<string>()

  /** @param onExpired told of each key that is taken out because of its age. */
  constructor(options: ProcessOptions, kinds: readonly StateKind[], onExpired: () => void) {
    const { stores, identity, memory, ttlMs } = options
    const codec = keyStateCodec(kinds, identity)
    this.#states = new LayeredStore({ store: stores.state, codec, memory })
    this.event = new DueIndex(stores.event, memory)
    this.#expiry = new DueIndex(stores.expiry, memory)
    this.wall = new DueIndex(stores.wall, memory)
    this.stores = [this.#states, this.event.store, this.#expiry.store, this.wall.store]
    this.#ttlMs = ttlMs
    this.#kinds = kinds
    this.#onExpired = onExpired
  }

  /** Every state is in memory. */
  get isWhole(): boolean {
    return this.#states.isWhole(STATES)
  }

  /** Keys of what was made ready. */
  get ready(): readonly string[] {
    return [...this.event.ready, ...this.#expiry.ready]
  }

  /** Brings into memory who has something due until then; undefined = it is there. */
  makeReady(until: number): Promise<unknown> | undefined {
    const event = this.event.makeReady(until)
    const expiry = this.#expiry.makeReady(until)
    return event === undefined && expiry === undefined ? undefined : Promise.all([event, expiry])
  }

  /** Brings the states of keys into memory; undefined = they are there. */
  fetch(keys: readonly string[]): Promise<void> | undefined {
    return this.#states.prefetch(keys.map(key => [STATES, key] as const))
  }

  /** Everything due until then, in the order of time, with what is set meanwhile. */
  *dues(until: number): Generator<Due> {
    for (;;) {
      const next = this.#nextDue(until)
      if (next === undefined) return
      yield next
    }
  }

  indexOf({ kind }: Due): DueIndex {
    return kind === 'event' ? this.event : this.#expiry
  }

  /** A key as it is at a time; undefined when nothing is kept for it, or it has expired by then. */
  at(key: string, time: number): KeyState | undefined {
    const state = this.#states.get(STATES, key)
    if (state === undefined || this.#expiryOf(state) > time) return state
    this.#expired(key, state)
    return undefined
  }

  fresh(): KeyState {
    return newKeyState(this.#kinds)
  }

  /** The index says that a key may have expired; it is moved on when its key was touched since. */
  expire(key: string, due: number): void {
    const state = this.#states.get(STATES, key)
    if (state?.expiry !== due) return
    if (this.#expiryOf(state) <= due) this.#expired(key, state)
    else {
      state.expiry = null
      this.keep(key, state, this.duesOf(state))
    }
  }

  /** A state that has changed goes back to its store, and into the indices. */
  keep(key: string, state: KeyState, before: Dues): void {
    if (isEmpty(state)) {
      this.#drop(key, state, before)
      return
    }
    const after = this.duesOf(state)
    this.event.move(key, before.event, after.event)
    this.wall.move(key, before.wall, after.wall)
    if (after.counts) this.#counting.add(key)
    if (state.expiry === null && this.#ttlMs !== null) {
      state.expiry = this.#expiryOf(state)
      this.#expiry.move(key, [], [state.expiry])
    }
    this.#states.set(STATES, key, state)
  }

  duesOf(state: KeyState): Dues {
    if (state.timers.size === 0) return NO_DUES
    return {
      event: timesOf(state, 'event'),
      wall: timesOf(state, 'wall'),
      counts: [...state.timers.values()].some(({ at }) => at === null),
    }
  }

  /** Names of the timers of a key that are due at this time, in order. */
  dueNames(kind: Timer['kind'], key: string, due: number): string[] {
    const names: string[] = []
    for (const [name, timer] of this.#states.get(STATES, key)?.timers ?? []) {
      if (timer.kind === kind && timer.at === due) names.push(name)
    }
    return names.sort()
  }

  /** Wall timers that were set in the epoch begin to count. */
  count(from: number): void {
    const counting = this.#counting
    this.#counting = new Set()
    for (const key of [...counting].sort()) {
      const state = this.#states.get(STATES, key)
      if (state === undefined) continue
      const before = timesOf(state, 'wall')
      for (const [name, timer] of state.timers) {
        if (timer.kind === 'wall' && timer.at === null) {
          state.timers.set(name, { ...timer, at: from + timer.after })
        }
      }
      this.wall.move(key, before, timesOf(state, 'wall'))
      this.#states.set(STATES, key, state)
    }
  }

  /** Every key with its state, in the order of the keys. */
  async entries(): Promise<readonly (readonly [key: string, state: KeyState])[]> {
    return (await this.#states.list()).flatMap(([, entries]) => entries)
  }

  /** What is due first; undefined when nothing is due until then. */
  #nextDue(until: number): Due | undefined {
    const event = this.event.first
    const expiry = this.#expiry.first
    const due = Math.min(event, expiry)
    // The last time of all is no time that something can be due at.
    if (due > until || due === Number.POSITIVE_INFINITY) return undefined
    return event === due ? { kind: 'event', due } : { kind: 'expiry', due }
  }

  #expiryOf({ touched }: KeyState): number {
    return this.#ttlMs === null ? Number.POSITIVE_INFINITY : touched + this.#ttlMs
  }

  #expired(key: string, state: KeyState): void {
    this.#drop(key, state, this.duesOf(state))
    this.#onExpired()
  }

  #drop(key: string, state: KeyState, dues: Dues): void {
    this.event.move(key, dues.event, [])
    this.wall.move(key, dues.wall, [])
    if (state.expiry !== null) this.#expiry.move(key, [state.expiry], [])
    this.#counting.delete(key)
    this.#states.delete(STATES, key)
  }
}

function timesOf({ timers }: KeyState, kind: Timer['kind']): number[] {
  const times: number[] = []
  for (const timer of timers.values()) {
    if (timer.kind === kind && timer.at !== null) times.push(timer.at)
  }
  return times
}
