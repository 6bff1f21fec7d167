import { expect, test } from 'vitest'
import { DirectOffsets } from './direct-offsets.ts'
import type { FetchSource } from './fetch-source.ts'

const ORDERS = { topic: 'orders', partition: 0 }

function setUp() {
  const asked: string[] = []
  const state = { isThere: true, isAway: false }
  const known = new Map<string, { id: string; leaders: { brokerId: number; epoch: number }[] }>()
  const source: FetchSource = {
    topic: name => known.get(name),
    refresh: async ([name = '']) => {
      asked.push('leader')
      if (state.isThere) known.set(name, { id: 'x', leaders: [{ brokerId: 1, epoch: 0 }] })
    },
    offsets: async () => {
      asked.push('offsets')
      if (state.isAway) throw new Error('away')
      return { earliest: 3, latest: 9 }
    },
    fetch: () => Promise.reject(new Error('nobody fetches')),
    close: () => {},
  }
  return { offsets: new DirectOffsets(source), asked, state }
}

test('the leader is found once, then asked', async () => {
  const { offsets, asked } = setUp()
  expect(await offsets.of(ORDERS)).toEqual({ earliest: 3, latest: 9 })
  await offsets.of(ORDERS)
  expect(asked).toEqual(['leader', 'offsets', 'offsets'])
})

test('a leader that does not answer is looked for again, and others are to be asked', async () => {
  const { offsets, asked, state } = setUp()
  state.isAway = true
  expect(await offsets.of(ORDERS)).toBe(null)
  state.isAway = false
  expect(await offsets.of(ORDERS)).toEqual({ earliest: 3, latest: 9 })
  expect(asked).toEqual(['leader', 'offsets', 'leader', 'offsets'])
})

test('a topic that is not there is for others to explain', async () => {
  const { offsets, state } = setUp()
  state.isThere = false
  expect(await offsets.of(ORDERS)).toBe(null)
})
