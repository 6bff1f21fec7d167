import { expect, test } from 'vitest'
import { pointName } from './messages.ts'
import { FAULT_POINTS, type Trouble, troublesOf } from './trouble.ts'

const kinds = (troubles: readonly Trouble[], kind: Trouble['kind']): Trouble[] =>
  troubles.filter(trouble => trouble.kind === kind)

test('a whole story kills at every fault point, at random, and brings all other trouble', () => {
  const troubles = troublesOf(1, true)
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
  expect(troublesOf(4, true)).toEqual(troublesOf(4, true))
  expect(troublesOf(4, true)).not.toEqual(troublesOf(5, true))
  expect(kinds(troublesOf(4, false), 'bounce')).toEqual([])
})
