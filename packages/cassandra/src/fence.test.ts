import { type Batch, MillraceError } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { checkedPlace, fencedSender, placeReader } from './fence.ts'
import type { OutRow } from './out-row.ts'

const batch = (...offsets: number[]) => ({ records: { offsets } }) as unknown as Batch

test('each row of a record has a place of its own, the same each time it is read', () => {
  const places = (...offsets: number[]) =>
    offsets.map((_, i) => i).map(placeReader(batch(...offsets)))
  expect(places(7, 7, 8)).toEqual([7 * 1_024, 7 * 1_024 + 1, 8 * 1_024])
  expect(places(8, 9)).toEqual([8 * 1_024, 9 * 1_024])
})

test('what has no place is refused', () => {
  const none = placeReader(batch(-1))(0)
  expect(() => checkedPlace(none)).toThrow(/a row with a fence needs the offset of its record/)
  const many = placeReader(batch(...new Array(1_025).fill(3)))
  const last = Array.from({ length: 1_025 }, (_, i) => many(i)).at(-1)
  expect(() => checkedPlace(last as number)).toThrow(MillraceError)
})

/** A server with one row, whose fence is as it is told. */
function server(fence: Record<string, number> | null, between: () => void = () => {}) {
  const state = { fence, sent: [] as string[] }
  const client = {
    execute: async (cql: string, params: Buffer[]) => {
      const [place, input] = [Number(params[1]), String(params[2])]
      const isFirst = cql.endsWith('null')
      state.sent.push(isFirst ? 'first' : 'less')
      const last = state.fence?.[input]
      const isApplied = isFirst ? last === undefined : last !== undefined && last < place
      if (isApplied) state.fence = { ...state.fence, [input]: place }
      const row = { f: state.fence }
      between()
      return { wasApplied: () => isApplied, first: () => row }
    },
  }
  const write = { cql: 'UPDATE … IF "f"[?] < ?', parameters: [] }
  const send = fencedSender(client as unknown as Client, 1, { column: 'f', write })
  const row = (place: number) =>
    [{ params: ['x', String(place), 'a/0', String(place)] }] as unknown as readonly OutRow[]
  return { state, send: (place: number) => send(row(place)) }
}

test('the first record of a partition begins a fence, later ones move it', async () => {
  const { state, send } = server(null)
  expect(await send(5)).toBe(true)
  expect(await send(6)).toBe(true)
  expect(state).toEqual({ fence: { 'a/0': 6 }, sent: ['less', 'first', 'less'] })
})

test('a record that comes again changes nothing', async () => {
  const { state, send } = server({ 'a/0': 6 })
  expect(await send(6)).toBe(false)
  expect(await send(5)).toBe(false)
  expect(state.fence).toEqual({ 'a/0': 6 })
})

test('who is overtaken while he begins a fence still writes what comes later', async () => {
  let isOvertaken = false
  const { state, send } = server(null, () => {
    if (!isOvertaken) state.fence = { 'a/0': 4 }
    isOvertaken = true
  })
  expect(await send(5)).toBe(true)
  expect(state.fence).toEqual({ 'a/0': 5 })
})

test('a fence that goes away is an error', async () => {
  const { state, send } = server(null, () => {
    state.fence = state.sent.at(-1) === 'less' ? { 'a/0': 1 } : null
  })
  await expect(send(5)).rejects.toThrow(/goes away/)
})
