import { expect, test } from 'vitest'
import { LastComparison } from './last-comparison.ts'

const expected = ['a', 'b'].map(key => ({ id: key, key, rank: 0, content: `{"n":3} of ${key}` }))

function compared(updates: readonly string[], mayRepeat = false) {
  const comparison = new LastComparison('out', expected, mayRepeat)
  for (const [offset, update] of updates.entries()) {
    const [key = '', n = ''] = update.split(' ')
    const content = `{"n":${n}} of ${key}`
    comparison.observe({ id: key, key, content, partition: 0, offset })
  }
  const anomalies = comparison.anomalies().map(({ kind, id }) => `${kind} ${id}`)
  return { comparison, anomalies }
}

test('the last update of each counts, whatever came before', () => {
  expect(compared(['a 1', 'b 2', 'a 3', 'b 3']).anomalies).toEqual([])
  expect(compared(['a 3', 'b 3']).comparison.missing).toBe(0)
})

test('a stale last update is wrong, none at all is lost', () => {
  const { comparison, anomalies } = compared(['a 1', 'a 2'])
  expect(anomalies).toEqual(['wrong a', 'lost b'])
  expect(comparison.missing).toBe(2)
  expect(compared(['a 1', 'a 3', 'b 3', 'a 2'], true).anomalies).toEqual(['wrong a'])
  expect(compared(['a 4', 'b 3']).anomalies).toEqual(['wrong a'])
})

test('an update that comes again, or goes back, is named where nothing may repeat', () => {
  const updates = ['a 2', 'a 2', 'a 1', 'a 3', 'b 3']
  expect(compared(updates).anomalies).toEqual(['duplicated a', 'reordered a'])
  const { comparison, anomalies } = compared(updates, true)
  expect(anomalies).toEqual([])
  expect(comparison.tally()).toEqual({ output: 'out', expected: 2, seen: 5, repeated: 2 })
})

test('what nobody expects is wrong', () => {
  expect(compared(['a 3', 'b 3', 'c 1']).anomalies).toEqual(['wrong c'])
})
