/**
 * All that a `process` step keeps for one key: values, lists, maps, timers, and when its last
 * record was. One stored object, so that a key is whole in the changelog or not there.
 *
 *   key state = 01, float64 touched, expiry, timers, states
 *   expiry    = 00 | 01 sortable integer       where the key stands in the index of expiries
 *   timers    = varint count, (kind, text name, sortable integer at)*    kind 01 event, 02 wall
 *   states    = varint count, (text name, kind, sized content)*
 *   content   = value                          kind 01
 *             | varint count, value*           kind 02, a list
 *             | varint count, (value value)*   kind 03, a map: keys and values
 *   value     = tagged value, or a sized row
 *
 * States are found by their names, so one can be added or taken away while others live. What is
 * empty is not written; names and timers stand in the order of their names.
 */

import { type Held, type Keeper, keeperOf } from '../batch/keeper.ts'
import { MillraceError } from '../errors.ts'
import { expectEnd, expectVersion, formatError } from '../record/format/format-check.ts'
import { readBytes, readText, writeBytes, writeText } from '../record/format/sized-text.ts'
import { readSortableInteger, writeSortableInteger } from '../record/format/sortable.ts'
import type { ValueCodec } from '../state/cells.ts'
import type { StateDeclaration, StateDeclarations } from '../state/state-declaration.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'

export interface KeptTimer {
  readonly kind: 'event' | 'wall'
  /** When it is due; null for a wall timer that begins to count at the end of the epoch. */
  readonly at: number | null
  /** How long a wall timer counts. */
  readonly after: number
}

export interface MapEntry {
  readonly held: Held
  /** Gives the order of the entries. */
  readonly ordinal: number
}

/** What is kept under one declared name. */
export interface Slot {
  /** Undefined = not set. */
  value: Held | undefined
  items: Held[]
  entries: Map<Held, MapEntry>
  /** Of the next entry. */
  ordinal: number
}

export interface KeyState {
  /** The greatest event time of its records. */
  touched: number
  /** The time under which the index of expiries has it; null = it is not there. */
  expiry: number | null
  readonly timers: Map<string, KeptTimer>
  /** In the order of the declarations. */
  readonly slots: Slot[]
  /** Bytes of everything it holds, about. */
  size: number
}

/** A declaration with the means to keep its values. */
export interface StateKind extends StateDeclaration {
  readonly name: string
  readonly keeper: Keeper
  /** Maps: of the keys. */
  readonly keyKeeper: Keeper | null
}

export function stateKinds(states: StateDeclarations): StateKind[] {
  return Object.entries(states).map(([name, state]) => ({
    ...state,
    name,
    keeper: keeperOf(state.type),
    keyKeeper: state.keyType === null ? null : keeperOf(state.keyType),
  }))
}

export function newKeyState(kinds: readonly StateKind[]): KeyState {
  return {
    touched: Number.NEGATIVE_INFINITY,
    expiry: null,
    timers: new Map(),
    slots: kinds.map(emptySlot),
    size: 0,
  }
}

/** Nothing in it is worth keeping. */
export function isEmpty({ timers, slots }: KeyState): boolean {
  return timers.size === 0 && slots.every(isEmptySlot)
}

function emptySlot(): Slot {
  return { value: undefined, items: [], entries: new Map(), ordinal: 0 }
}

function isEmptySlot({ value, items, entries }: Slot): boolean {
  return value === undefined && items.length === 0 && entries.size === 0
}

/** What a timer adds to the size of its key. */
export function timerSize(name: string): number {
  return Buffer.byteLength(name) + 12
}

/** What a key with nothing in it takes, and each state of it: both have maps of their own. */
const KEY_BYTES = 300
const SLOT_BYTES = 280

const WHAT = 'state of a key'
const VERSION = 1
const KINDS = { value: 1, list: 2, map: 3 } as const
const TIMER_KINDS = { event: 1, wall: 2 } as const

/** @param identity of the step, for errors. */
export function keyStateCodec(kinds: readonly StateKind[], identity: string): ValueCodec<KeyState> {
  const byName = kinds
    .map((kind, index) => ({ kind, index }))
    .sort((left, right) => (left.kind.name < right.kind.name ? -1 : 1))
  const indices = new Map(kinds.map(({ name }, index) => [name, index]))
  const content = new ByteWriter()
  return {
    weight: { bytes: KEY_BYTES + SLOT_BYTES * kinds.length, perByte: 2 },
    write(state, out) {
      out.byte(VERSION)
      out.float64(state.touched)
      out.byte(state.expiry === null ? 0 : 1)
      if (state.expiry !== null) writeSortableInteger(state.expiry, out)
      writeTimers(state.timers, out)
      const kept = byName.filter(({ index }) => !isEmptySlot(state.slots[index] as Slot))
      out.unsigned(kept.length)
      for (const { kind, index } of kept) {
        content.reset()
        writeSlot(kind, state.slots[index] as Slot, content)
        writeText(kind.name, out)
        out.byte(KINDS[kind.kind])
        writeBytes(content.view(), out)
      }
    },
    read(from) {
      expectVersion(from, VERSION, WHAT)
      const state = newKeyState(kinds)
      state.touched = from.float64()
      state.expiry = from.byte() === 0 ? null : readSortableInteger(from)
      readTimers(state, from)
      for (let left = from.unsigned(); left > 0; left--) {
        const name = readText(from)
        const code = from.byte()
        const bytes = readBytes(from)
        const index = indices.get(name)
        if (index === undefined) continue
        const kind = kinds[index] as StateKind
        state.size += readSlot(kind, code, bytes, state.slots[index] as Slot, identity)
      }
      return state
    },
  }
}

function writeTimers(timers: ReadonlyMap<string, KeptTimer>, out: ByteWriter): void {
  const names = [...timers.keys()].sort()
  out.unsigned(names.length)
  for (const name of names) {
    const { kind, at } = timers.get(name) as KeptTimer
    out.byte(TIMER_KINDS[kind])
    writeText(name, out)
    writeSortableInteger(at as number, out)
  }
}

function readTimers(state: KeyState, from: ByteReader): void {
  for (let left = from.unsigned(); left > 0; left--) {
    const code = from.byte()
    if (code !== 1 && code !== 2) throw formatError(WHAT, 'a timer 1 or 2', `kind ${code}`)
    const name = readText(from)
    const at = readSortableInteger(from)
    state.timers.set(name, { kind: code === 1 ? 'event' : 'wall', at, after: 0 })
    state.size += timerSize(name)
  }
}

function writeSlot({ kind, keeper, keyKeeper }: StateKind, slot: Slot, out: ByteWriter): void {
  if (kind === 'value') keeper.write(slot.value as Held, out)
  else if (kind === 'list') {
    out.unsigned(slot.items.length)
    for (const item of slot.items) keeper.write(item, out)
  } else {
    out.unsigned(slot.entries.size)
    for (const [key, { held }] of slot.entries) {
      keyKeeper?.write(key, out)
      keeper.write(held, out)
    }
  }
}

/** Gives the size of what it holds. */
function readSlot(
  state: StateKind,
  code: number,
  bytes: Buffer,
  slot: Slot,
  identity: string,
): number {
  const { kind, keeper, keyKeeper, name } = state
  try {
    if (code !== KINDS[kind]) throw formatError(WHAT, `kind ${KINDS[kind]}`, `kind ${code}`)
    const from = new ByteReader(bytes, WHAT)
    let size = 0
    const read = (by: Keeper): Held => {
      const held = by.read(from)
      size += by.sizeOf(held)
      return held
    }
    if (kind === 'value') slot.value = read(keeper)
    else {
      const count = from.unsigned()
      for (let ordinal = 0; ordinal < count; ordinal++) {
        if (kind === 'list') slot.items.push(read(keeper))
        else slot.entries.set(read(keyKeeper as Keeper), { held: read(keeper), ordinal })
      }
    }
    slot.ordinal = slot.entries.size
    expectEnd(from, WHAT)
    return size
  } catch (cause) {
    if (!MillraceError.is(cause) || cause.code !== 'FORMAT_UNKNOWN') throw cause
    throw new MillraceError(
      'PLAN_CHANGED',
      `state ${JSON.stringify(name)} of ${JSON.stringify(identity)} is declared in a way that ` +
        `what it holds does not fit: ${cause.text} Go back, or give the state another name to ` +
        'begin empty.',
      { cause },
    )
  }
}
