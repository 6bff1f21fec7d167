import { expect, test } from 'vitest'
import { remainingOf, scheduleOf } from './schedule.ts'
import type { SystemName } from './systems.ts'

const COUNTS = new Map<SystemName, number>([
  ['millrace', 3],
  ['kafka-streams', 3],
  ['quix', 2],
])
const text = (turns: ReturnType<typeof scheduleOf>): string =>
  turns.map(({ round, system }) => `${round}${system[0]}`).join(' ')

test('systems take turns, and who begins changes', () => {
  expect(text(scheduleOf(COUNTS))).toBe('0m 0k 0q 1q 1k 1m 2m 2k')
})

test('a stopped schedule goes on in the middle of a round', () => {
  const done = new Map<SystemName, number>([...COUNTS.keys()].map(name => [name, 1])).set('quix', 2)
  expect(text(remainingOf(scheduleOf(COUNTS), name => done.get(name) ?? 0))).toBe('1k 1m 2m 2k')
  expect(remainingOf(scheduleOf(COUNTS), () => 3)).toEqual([])
})
