import { expect, test } from 'vitest'
import { expectedOf, type InputLine, type OutputName } from './expected.ts'

let offset = 0

function purchase(user: string, amount: number, at: number, partition = 0): InputLine {
  const seq = offset++
  const value = JSON.stringify({ seq, user, item: 'i', amount, at })
  return { partition, offset: seq, key: user, value }
}

function contents(input: readonly InputLine[], name: OutputName): unknown[] {
  return expectedOf(input)[name].map(({ content }) => content)
}

test('windows by user, with the time of their greatest event', () => {
  const input = [purchase('u', 5, 1_000), purchase('u', 30, 3_900), purchase('u', 7, 3_600)]
  const row = { user: 'u', window_start: 0, window_end: 4_000 }
  const sums = { n: 3, total: 42, least: 5, most: 30 }
  expect(contents(input, 'users')).toEqual([`${JSON.stringify({ ...row, ...sums })} at 3900`])
  expect(contents(input, 'files')).toEqual([JSON.stringify({ ...row, ...sums })])
  expect(contents(input, 'items')).toHaveLength(2)
})

test('a record is late by the clock of its own partition, up to it', () => {
  // The window to 4 s, with its grace of 1 s, is closed when the clock shows 5 s.
  const before = [purchase('u', 1, 5_499), purchase('u', 2, 3_999)]
  const after = [purchase('u', 1, 5_500), purchase('u', 2, 3_999)]
  const other = [purchase('u', 1, 5_500), purchase('u', 2, 3_999, 1)]
  expect(contents(before, 'late')).toEqual([])
  expect(contents(after, 'late')).toEqual([expect.stringContaining('"amount":2')])
  expect(contents(other, 'late')).toEqual([])
  expect(contents(after, 'users')).toHaveLength(1)
})

test('small purchases are not passed on, broken records are dead letters and move no clock', () => {
  const broken = { partition: 0, offset: 99, key: 'u', value: 'broken 99' }
  const input = [purchase('u', 19, 0), broken, purchase('u', 20, 0)]
  expect(contents(input, 'passed')).toEqual([expect.stringContaining('"amount":20')])
  expect(contents(input, 'dead')).toEqual(['broken 99'])
})

test('results of a key have ranks in the order they must come', () => {
  const input = [purchase('u', 50, 1_000), purchase('u', 50, 9_000)]
  expect(expectedOf(input).users.map(({ id, rank }) => [id, rank])).toEqual([
    ['u 0', 0],
    ['u 8000', 8_000],
  ])
})
