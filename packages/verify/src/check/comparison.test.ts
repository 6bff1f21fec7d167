/** Every anomaly is planted once; a checker that finds nothing proves nothing. */
import { describe, expect, test } from 'vitest'
import { Comparison } from './comparison.ts'
import type { Observed } from './observed.ts'
import type { Result } from './result.ts'

const expected: readonly Result[] = ['a', 'b'].flatMap(key =>
  [1, 2, 3].map(rank => ({ id: `${key} ${rank}`, key, rank, content: `${key}${rank}` })),
)

const clean: readonly Observed[] = expected.map(({ id, key, content }, offset) => {
  return { id, key, content, offset, partition: key === 'a' ? 0 : 1 }
})

function compared(observed: readonly Observed[], mayRepeat = false) {
  const comparison = new Comparison('out', expected, mayRepeat)
  for (const each of observed) comparison.observe(each)
  const anomalies = comparison.anomalies().map(({ kind, id }) => `${kind} ${id}`)
  return { comparison, anomalies }
}

const at = (index: number): Observed => clean[index] as Observed

describe.each([true, false])('may repeat: %s', mayRepeat => {
  test('what is right is right', () => {
    const { comparison, anomalies } = compared(clean, mayRepeat)
    expect(anomalies).toEqual([])
    expect(comparison.missing).toBe(0)
    expect(comparison.tally()).toEqual({ output: 'out', expected: 6, seen: 6, repeated: 0 })
  })

  test('a lost result is named', () => {
    const { comparison, anomalies } = compared(clean.slice(1), mayRepeat)
    expect(anomalies).toEqual(['lost a 1'])
    expect(comparison.missing).toBe(1)
  })

  test('other content, another key and what nobody expects are wrong', () => {
    const wrong = [{ ...at(0), content: 'a9' }, { ...at(1), key: 'b' }, ...clean.slice(2)]
    expect(compared(wrong, mayRepeat).anomalies).toEqual(['wrong a 1', 'wrong a 2'])
    const foreign = { ...at(0), id: 'c 1' }
    expect(compared([...clean, foreign], mayRepeat).anomalies).toEqual(['wrong c 1'])
  })

  test('a repeat with other content is wrong', () => {
    const { anomalies } = compared([...clean, { ...at(5), content: 'b0' }], mayRepeat)
    expect(anomalies).toContain('wrong b 3')
  })

  test('what comes behind a later one of its key is reordered', () => {
    const swapped = [at(1), at(0), at(2), ...clean.slice(3)]
    expect(compared(swapped, mayRepeat).anomalies).toEqual(['reordered a 1'])
  })

  test('a key that is in two partitions has no order', () => {
    const parted = [at(0), { ...at(1), partition: 1 }, ...clean.slice(2)]
    expect(compared(parted, mayRepeat).anomalies).toEqual(['reordered a 2', 'reordered a 3'])
  })

  test('keys may come in any order among each other', () => {
    expect(compared([...clean.slice(3), ...clean.slice(0, 3)], mayRepeat).anomalies).toEqual([])
  })
})

test('a repeat is duplicated where each may be seen once', () => {
  expect(compared([...clean, at(2)]).anomalies).toEqual(['duplicated a 3'])
})

test('a run of repeats from an earlier point is counted where they may come', () => {
  const repeats = [at(0), at(1), at(0), at(1), at(2), ...clean.slice(3)]
  const { comparison, anomalies } = compared(repeats, true)
  expect(anomalies).toEqual([])
  expect(comparison.tally().repeated).toBe(2)
})

test('an anomaly says where it is', () => {
  const { comparison } = compared([...clean, { ...at(5), content: 'b0', offset: 77 }], true)
  expect(comparison.anomalies()[0]?.text).toBe('expected b3, got b0 (out/1 at 77)')
})
