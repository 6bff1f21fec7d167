import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import {
  listState,
  mapState,
  type StateDeclarations,
  valueState,
} from '../state/state-declaration.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import {
  isEmpty,
  type KeyState,
  keyStateCodec,
  newKeyState,
  type Slot,
  stateKinds,
} from './key-state.ts'

const STATES = {
  total: valueState(t.float64()),
  cart: valueState(schema({ n: t.int32() })),
  list: listState(t.string().nullable()),
  map: mapState(t.string(), t.int64()),
}

function filled(): KeyState {
  const kinds = stateKinds(STATES)
  const state = newKeyState(kinds)
  const slot = (name: string) => state.slots[kinds.findIndex(each => each.name === name)] as Slot
  slot('total').value = 1.5
  slot('cart').value = kinds[1]?.keeper.hold({ n: 3 }, 'cart') ?? null
  slot('list').items.push('x', null, '')
  slot('map').entries.set('z', { held: 1n, ordinal: 0 })
  slot('map').entries.set('a', { held: -2n, ordinal: 1 })
  slot('map').ordinal = 2
  state.timers.set('soon', { kind: 'event', at: -5, after: 0 })
  state.timers.set('later', { kind: 'wall', at: 8.64e15, after: 0 })
  state.touched = 1_000
  state.expiry = 2_000
  return state
}

function stored(state: KeyState, states: StateDeclarations = STATES): Buffer {
  const out = new ByteWriter()
  keyStateCodec(stateKinds(states), 'p').write(state, out)
  return out.copy()
}

const read = (bytes: Uint8Array, states: StateDeclarations = STATES): KeyState =>
  keyStateCodec(stateKinds(states), 'p').read(new ByteReader(bytes, 'test'))

test('comes back whole, entries in their order', () => {
  const state = filled()
  const { size, ...rest } = read(stored(state))
  expect({ ...rest, size: 0 }).toEqual(state)
  expect([...(rest.slots[3] as Slot).entries.keys()]).toEqual(['z', 'a'])
  expect(size).toBeGreaterThan(60)
  expect(stored(read(stored(state)))).toEqual(stored(state))
})

test('is empty when nothing is set and no timer waits', () => {
  const state = newKeyState(stateKinds(STATES))
  state.touched = 7
  expect(isEmpty(state)).toBe(true)
  expect(read(stored(state))).toEqual(state)
  expect(isEmpty(filled())).toBe(false)
})

test('a state that is new begins empty, and one that is left out is forgotten', () => {
  const { total, list } = STATES
  const after = { fresh: listState(t.int32()), total, list }
  const state = read(stored(filled()), after)
  expect((state.slots[0] as Slot).items).toEqual([])
  expect((state.slots[1] as Slot).value).toBe(1.5)
  expect((state.slots[2] as Slot).items).toEqual(['x', null, ''])
})

test.each<[string, StateDeclarations]>([
  ['another kind', { total: listState(t.float64()) }],
  ['a type that what is kept does not fit', { total: valueState(t.string()) }],
  ['a required type where null is kept', { list: listState(t.string()) }],
  ['another type of keys', { map: mapState(t.int32(), t.int64()) }],
])('%s is refused', (_, states) => {
  expect(() => read(stored(filled()), states)).toThrow(/PLAN_CHANGED: state "\w+" of "p"/)
})

test('a wider type reads what is kept', () => {
  const narrow = { n: valueState(t.int32()) }
  const state = newKeyState(stateKinds(narrow))
  ;(state.slots[0] as Slot).value = 7
  const wide = (type: DataType) => read(stored(state, narrow), { n: valueState(type) }).slots[0]
  expect(wide(t.float64())?.value).toBe(7)
  expect(wide(t.int64())?.value).toBe(7n)
})

test('bytes that are cut off or of another version are refused', () => {
  const bytes = stored(filled())
  for (let size = 0; size < bytes.length; size++) {
    let error: unknown = null
    try {
      read(bytes.subarray(0, size))
    } catch (thrown) {
      error = thrown
    }
    expect(MillraceError.is(error)).toBe(true)
  }
  expect(() => read(Buffer.concat([Buffer.of(2), bytes.subarray(1)]))).toThrow('version 2')
})
