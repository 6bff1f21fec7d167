import { expect, test } from 'vitest'
import { pointName } from './messages.ts'
import { FAULT_POINTS, type Trouble, troublesOf } from './trouble.ts'

const kinds = (troubles: readonly Trouble[], kind: Trouble['kind']): Trouble[] =>
  troubles.filter(trouble => trouble.kind === kind)

test('a whole story kills at every fault point, at random, and brings all other trouble', () => {
  const troubles = troublesOf(1, 'exactly-once', true)
  const points = troubles.flatMap(trouble =>
    'at' in trouble && trouble.kind === 'kill-at' ? [pointName(trouble.at)] : [],
  )
  expect(points.sort()).toEqual(FAULT_POINTS.map(pointName).sort())
  expect(points).toHaveLength(14)
  expect(kinds(troubles, 'kill').length).toBeGreaterThanOrEqual(5)
  for (const kind of ['kill-all', 'lose-disk', 'zombie', 'refused-delivery', 'bounce'] as const) {
    expect(kinds(troubles, kind)).toHaveLength(1)
  }
})

test('the order follows from the seed, and a foreign broker is left alone', () => {
  expect(troublesOf(4, 'exactly-once', true)).toEqual(troublesOf(4, 'exactly-once', true))
  expect(troublesOf(4, 'exactly-once', true)).not.toEqual(troublesOf(5, 'exactly-once', true))
  expect(kinds(troublesOf(4, 'exactly-once', false), 'bounce')).toEqual([])
})

test('a zombie has nothing on its way that nobody would refuse', () => {
  const points = (guarantee: 'at-least-once' | 'exactly-once'): Set<string> => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed)
    const zombies = seeds.flatMap(seed => kinds(troublesOf(seed, guarantee, true), 'zombie'))
    return new Set(zombies.map(trouble => ('at' in trouble ? pointName(trouble.at) : '')))
  }
  expect(points('exactly-once')).toContain('after changelog')
  expect(points('at-least-once').size).toBe(3)
  expect(points('at-least-once')).not.toContain('after changelog')
})
