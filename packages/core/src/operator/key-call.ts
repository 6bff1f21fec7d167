/**
 * One call of a user's function with the state of one key: the handles it works with, and the way
 * back when it throws.
 *
 * Changes are made in place at once, each with the step that undoes it. `commit` forgets these
 * steps, `rollback` takes them backwards: the state is then as it was before the call, down to the
 * order of map entries.
 */

import type { Held, Keeper } from '../batch/keeper.ts'
import { MillraceError } from '../errors.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import { t } from '../schema/data-type.ts'
import type { Timers } from '../state/process-context.ts'
import type { ListState, MapState, ValueState } from '../state/state-declaration.ts'
import { durationMs } from '../util/duration.ts'
import {
  type KeptTimer,
  type KeyState,
  type MapEntry,
  type Slot,
  type StateKind,
  timerSize,
} from './key-state.ts'

/** A key is one record of the changelog, and brokers take records up to 1 MiB by default. */
const STATE_BYTES_MAX = 900_000
const TIMERS_MAX = 100
const TIMESTAMP = t.timestamp()

export class KeyCall {
  /** By name. */
  readonly handles: Readonly<Record<string, unknown>>
  readonly timers: Timers
  /** Anything differs from before the call. */
  hasChanged = false
  #state: KeyState | null = null
  /** Event timers must be later than this; of a call by an event timer, its own time. */
  #after = Number.NEGATIVE_INFINITY
  #undo: (() => void)[] = []
  #isReordered = false

  constructor(kinds: readonly StateKind[]) {
    this.handles = Object.freeze(
      Object.fromEntries(kinds.map((kind, i) => [kind.name, this.#handle(kind, i)])),
    )
    this.timers = Object.freeze({
      event: (name: string, at: number) => this.#setEvent(name, at),
      wall: (name: string, after: number) => {
        const ms = durationMs(after, `the time of timer ${JSON.stringify(name)}`)
        this.#setTimer(name, { kind: 'wall', at: null, after: ms })
      },
      cancel: (name: string) => this.#cancel(name),
    }) as Timers
  }

  begin(state: KeyState, after: number = Number.NEGATIVE_INFINITY): void {
    this.#state = state
    this.#after = after
    this.hasChanged = false
  }

  /** @throws STATE_TOO_LARGE; the call can still be rolled back. */
  check(): void {
    const { size } = this.#current()
    if (size <= STATE_BYTES_MAX) return
    throw new MillraceError(
      'STATE_TOO_LARGE',
      `the state of this key would take ${size} bytes, and ${STATE_BYTES_MAX} is the most that ` +
        'one key may have. Keep less per key, clear what is no longer used, or set a ttl.',
    )
  }

  commit(): void {
    this.#state = null
    this.#undo = []
    this.#isReordered = false
  }

  rollback(): void {
    for (const step of this.#undo.reverse()) step()
    if (this.#isReordered) for (const slot of this.#current().slots) reorder(slot)
    this.hasChanged = false
    this.commit()
  }

  #current(): KeyState {
    if (this.#state !== null) return this.#state
    throw new MillraceError(
      'FUNCTION_FAILED',
      'state and timers of a key were used outside of the call they were given to. Functions of ' +
        'process are synchronous.',
    )
  }

  #change(bytes: number, undo: () => void): void {
    const state = this.#current()
    this.hasChanged = true
    state.size += bytes
    this.#undo.push(() => {
      state.size -= bytes
      undo()
    })
  }

  #handle(kind: StateKind, index: number): unknown {
    const slot = (): Slot => this.#current().slots[index] as Slot
    const handles = {
      value: () => this.#value(kind, slot),
      list: () => this.#list(kind, slot),
      map: () => this.#map(kind, slot),
    }
    return Object.freeze(handles[kind.kind]())
  }

  #value({ keeper, name }: StateKind, slot: () => Slot): ValueState<unknown> {
    const put = (after: Held | undefined): void => {
      const at = slot()
      const before = at.value
      at.value = after
      this.#change(sizeOf(keeper, after) - sizeOf(keeper, before), () => {
        at.value = before
      })
    }
    return {
      get: () => {
        const { value } = slot()
        return value === undefined ? null : keeper.give(value)
      },
      set: value => put(keeper.hold(value, what(name)) ?? undefined),
      delete: () => {
        if (slot().value !== undefined) put(undefined)
      },
    }
  }

  #list({ keeper, name, max }: StateKind, slot: () => Slot): ListState<unknown> {
    return {
      get length() {
        return slot().items.length
      },
      push: (...items) => {
        const at = slot()
        for (const item of items) {
          if (at.items.length >= max) throw tooMany(name, max, 'items')
          const held = keeper.hold(item, what(name))
          at.items.push(held)
          this.#change(keeper.sizeOf(held), () => {
            at.items.pop()
          })
        }
      },
      values: () => slot().items.map(held => keeper.give(held)),
      clear: () => {
        const at = slot()
        const before = at.items
        if (before.length === 0) return
        at.items = []
        const bytes = before.reduce<number>((sum, held) => sum + keeper.sizeOf(held), 0)
        this.#change(-bytes, () => {
          at.items = before
        })
      },
    }
  }

  #map(kind: StateKind, slot: () => Slot): MapState<unknown, unknown> {
    const { keeper, name } = kind
    const keyKeeper = kind.keyKeeper as Keeper
    const keyOf = (key: unknown): Held => keyKeeper.hold(key, what(name))
    const bytesOf = (key: Held, held: Held): number => keyKeeper.sizeOf(key) + keeper.sizeOf(held)
    return {
      get size() {
        return slot().entries.size
      },
      get: key => {
        const entry = slot().entries.get(keyOf(key))
        return entry === undefined ? null : keeper.give(entry.held)
      },
      has: key => slot().entries.has(keyOf(key)),
      set: (key, value) => this.#setEntry(kind, slot(), keyOf(key), keeper.hold(value, what(name))),
      delete: key => {
        const { entries } = slot()
        const kept = keyOf(key)
        const entry = entries.get(kept)
        if (entry === undefined) return false
        entries.delete(kept)
        this.#change(-bytesOf(kept, entry.held), () => {
          entries.set(kept, entry)
          this.#isReordered = true
        })
        return true
      },
      entries: () =>
        [...slot().entries].map(([key, { held }]) => [keyKeeper.give(key), keeper.give(held)]),
      clear: () => {
        const at = slot()
        const before = at.entries
        if (before.size === 0) return
        at.entries = new Map()
        let bytes = 0
        for (const [key, { held }] of before) bytes += bytesOf(key, held)
        this.#change(-bytes, () => {
          at.entries = before
        })
      },
    }
  }

  #setEntry({ keeper, keyKeeper, name, max }: StateKind, at: Slot, key: Held, held: Held): void {
    const { entries } = at
    const before = entries.get(key)
    if (before !== undefined) {
      entries.set(key, { held, ordinal: before.ordinal })
      this.#change(keeper.sizeOf(held) - keeper.sizeOf(before.held), () => {
        entries.set(key, before)
      })
      return
    }
    if (entries.size >= max) throw tooMany(name, max, 'entries')
    entries.set(key, { held, ordinal: at.ordinal++ })
    this.#change((keyKeeper as Keeper).sizeOf(key) + keeper.sizeOf(held), () => {
      entries.delete(key)
    })
  }

  #setEvent(name: string, at: number): void {
    const due = toCell(TIMESTAMP, at)
    if (isRefusal(due)) {
      throw new MillraceError(
        due.code === 'DECODE_FAILED' ? 'FUNCTION_FAILED' : due.code,
        `timer ${JSON.stringify(name)} needs a time: expected ${due.expected}, got ${due.got}.`,
      )
    }
    if ((due as number) <= this.#after) {
      throw new MillraceError(
        'FUNCTION_FAILED',
        `timer ${JSON.stringify(name)} was set for ${due} by a timer of ${this.#after}: a timer ` +
          'may only set event timers later than itself, or it would fire without end.',
      )
    }
    this.#setTimer(name, { kind: 'event', at: due as number, after: 0 })
  }

  #setTimer(name: string, timer: KeptTimer): void {
    if (typeof name !== 'string' || name === '') {
      throw new MillraceError('FUNCTION_FAILED', 'a timer needs a name that is not empty.')
    }
    const { timers } = this.#current()
    const before = timers.get(name)
    if (before === undefined && timers.size >= TIMERS_MAX) throw tooMany('timers', TIMERS_MAX, '')
    timers.set(name, timer)
    this.#change(before === undefined ? timerSize(name) : 0, () => {
      if (before === undefined) timers.delete(name)
      else timers.set(name, before)
    })
  }

  #cancel(name: string): void {
    const { timers } = this.#current()
    const before = timers.get(name)
    if (before === undefined) return
    timers.delete(name)
    this.#change(-timerSize(name), () => {
      timers.set(name, before)
    })
  }
}

function what(name: string): string {
  return `state ${JSON.stringify(name)}`
}

function sizeOf(keeper: Keeper, held: Held | undefined): number {
  return held === undefined ? 0 : keeper.sizeOf(held)
}

/** Brings entries that were put back to their places. */
function reorder(slot: Slot): void {
  const inOrder = ([, left]: [Held, MapEntry], [, right]: [Held, MapEntry]): number =>
    left.ordinal - right.ordinal
  slot.entries = new Map([...slot.entries].sort(inOrder))
}

function tooMany(name: string, max: number, things: string): MillraceError {
  return new MillraceError(
    'STATE_TOO_LARGE',
    things === ''
      ? `a key may have at most ${max} ${name}. Cancel some, or use one timer for several things.`
      : `${what(name)} holds ${max} ${things} for this key and takes no more. ` +
          'Clear it in time, or declare a greater max.',
  )
}
