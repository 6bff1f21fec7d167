import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeStateKey } from '../record/format/state-key.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { StateEntry } from './state-backend.ts'
import { type ValueCodec, WindowStore } from './window-store.ts'

interface Counter {
  n: number
}

const CODEC: ValueCodec<Counter> = {
  write: (value, out) => out.unsigned(value.n),
  read: from => ({ n: from.unsigned() }),
}

const newStore = (): WindowStore<Counter> => new WindowStore(3, CODEC)

function add(store: WindowStore<Counter>, end: number, key: string, n = 1): void {
  const counter = store.get(end, key) ?? { n: 0 }
  counter.n += n
  store.set(end, key, counter)
}

function keyOf(end: number, key: string, store = 3): Buffer {
  const out = new ByteWriter()
  writeStateKey(store, end, Buffer.from(key, 'latin1'), out)
  return out.copy()
}

const shown = (entries: readonly StateEntry[]): string[] =>
  entries.map(({ key, value }) => `${Buffer.from(key).toString('hex')}=${value?.[0] ?? 'gone'}`)
const sealed = (end: number, key: string, n: number | 'gone'): string =>
  `${keyOf(end, key).toString('hex')}=${n}`

describe('windows', () => {
  test('come in the order of their ends, groups in the order of their bytes', () => {
    const store = newStore()
    for (const [end, key] of [
      [20, 'b'],
      [10, 'ÿ'],
      [20, 'a'],
      [10, '\0'],
      [10, 'aa'],
      [20, 'a'],
    ] as const) {
      add(store, end, key)
    }
    expect([store.size, store.smallestEnd(), store.greatestEnd()]).toEqual([5, 10, 20])
    expect(store.takeEnd(10)).toEqual([
      ['\0', { n: 1 }],
      ['aa', { n: 1 }],
      ['ÿ', { n: 1 }],
    ])
    expect([store.size, store.smallestEnd(), store.greatestEnd()]).toEqual([2, 20, 20])
    expect(store.takeEnd(20)).toEqual([
      ['a', { n: 2 }],
      ['b', { n: 1 }],
    ])
    expect([store.size, store.smallestEnd(), store.greatestEnd()]).toEqual([
      0,
      undefined,
      undefined,
    ])
    expect(store.takeEnd(20)).toEqual([])
  })

  test('may be taken out of turn, and come again', () => {
    const store = newStore()
    for (const end of [30, 10, 20]) add(store, end, 'a')
    store.takeEnd(20)
    store.takeEnd(10)
    add(store, 20, 'b')
    expect(store.smallestEnd()).toBe(20)
    store.takeEnd(20)
    expect(store.smallestEnd()).toBe(30)
    add(store, 20, 'c')
    expect(store.smallestEnd()).toBe(20)
  })
})

test('shows every open window without taking it', () => {
  const store = newStore()
  add(store, 20, 'b')
  add(store, 20, 'a', 2)
  add(store, 10, 'b')
  store.takeEnd(10)
  const shows = [...store.entries()].map(([end, groups]) => [end, groups.map(([key]) => key)])
  expect(shows).toEqual([[20, ['a', 'b']]])
  expect(store.size).toBe(2)
})

describe('seal', () => {
  test('gives what has changed since the last time, once', () => {
    const store = newStore()
    add(store, 10, 'a', 5)
    add(store, 10, 'b')
    add(store, 10, 'a')
    expect(shown(store.seal())).toEqual([sealed(10, 'a', 6), sealed(10, 'b', 1)])
    expect(store.seal()).toEqual([])
    add(store, 10, 'b')
    expect(shown(store.seal())).toEqual([sealed(10, 'b', 2)])
  })

  test('deletes what is gone, if it was ever sealed', () => {
    const store = newStore()
    add(store, 10, 'a')
    store.seal()
    add(store, 10, 'b')
    store.takeEnd(10)
    expect(shown(store.seal())).toEqual([sealed(10, 'a', 'gone')])
    expect(store.seal()).toEqual([])
  })

  test('deletes what was changed and then gone', () => {
    const store = newStore()
    add(store, 10, 'a')
    store.seal()
    add(store, 10, 'a')
    store.takeEnd(10)
    expect(shown(store.seal())).toEqual([sealed(10, 'a', 'gone')])
  })

  test('names a key once when it went and came again', () => {
    const store = newStore()
    add(store, 10, 'a', 7)
    store.seal()
    store.takeEnd(10)
    add(store, 10, 'a')
    expect(shown(store.seal())).toEqual([sealed(10, 'a', 1)])
    store.takeEnd(10)
    expect(shown(store.seal())).toEqual([sealed(10, 'a', 'gone')])
  })
})

describe('restore', () => {
  test('goes on where the entries were sealed, and seals only what changes then', () => {
    const first = newStore()
    add(first, 10, 'a', 2)
    add(first, 20, 'ÿ', 3)
    const store = newStore()
    store.restore([...first.seal(), { key: keyOf(10, 'gone'), value: null }])
    expect([store.size, store.smallestEnd()]).toEqual([2, 10])
    expect(store.seal()).toEqual([])
    add(store, 20, 'ÿ')
    store.takeEnd(10)
    expect(shown(store.seal())).toEqual([sealed(20, 'ÿ', 4), sealed(10, 'a', 'gone')])
  })

  test('passes over the marker and other stores', () => {
    const store = newStore()
    store.restore([
      { key: Uint8Array.of(0), value: Uint8Array.of(9) },
      { key: keyOf(10, 'a', 4), value: Uint8Array.of(1) },
    ])
    expect(store.size).toBe(0)
  })

  test('refuses values it does not know', () => {
    const value = Uint8Array.of(1, 2)
    expect(() => newStore().restore([{ key: keyOf(10, 'a'), value }])).toThrow(
      'FORMAT_UNKNOWN: state of store 3: expected the end, got 1 more bytes',
    )
  })
})

/** The entries a log of seals leaves: later over earlier, null removes. */
function compacted(log: readonly StateEntry[]): Map<string, StateEntry> {
  const left = new Map<string, StateEntry>()
  for (const entry of log) {
    const key = Buffer.from(entry.key).toString('hex')
    if (entry.value === null) left.delete(key)
    else left.set(key, entry)
  }
  return left
}

test('whatever happens, the sealed entries restore the store as it was', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom(10, 20, 30), fc.constantFrom('a', 'b', '')) },
    { weight: 2, arbitrary: fc.constantFrom(10, 20, 30) },
    { weight: 2, arbitrary: fc.constant('seal' as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const store = newStore()
      const log: StateEntry[] = []
      for (const what of [...steps, 'seal' as const]) {
        if (what === 'seal') log.push(...store.seal())
        else if (typeof what === 'number') store.takeEnd(what)
        else add(store, what[0], what[1])
      }
      const [whole, compact] = [newStore(), newStore()]
      whole.restore(log)
      compact.restore(compacted(log).values())
      for (const restored of [whole, compact]) {
        expect(restored.size).toBe(store.size)
        expect(restored.smallestEnd()).toBe(store.smallestEnd())
      }
      for (const end of [10, 20, 30]) {
        const expected = store.takeEnd(end)
        expect(whole.takeEnd(end)).toEqual(expected)
        expect(compact.takeEnd(end)).toEqual(expected)
      }
    }),
    { numRuns: 300 },
  )
})

test('a store has a number from 1: 0 is the marker', () => {
  expect(() => new WindowStore(0, CODEC)).toThrow('a store has a number from 1, not 0')
})
