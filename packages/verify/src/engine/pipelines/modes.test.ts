import { expect, test } from 'vitest'
import { type Mode, modesOf } from './modes.ts'

/** What the dimensions of a mode say. */
function choicesOf({ batchRecordsMax, generated, rules, state, isCrashing }: Mode): string[] {
  return [`${batchRecordsMax}`, `${generated}`, `${rules}`, state, `${isCrashing}`]
}

test.each([1, 2, 23, 499])('seed %i: any two choices of two dimensions meet', seed => {
  const modes = modesOf(seed, 4).map(choicesOf)
  expect(modes).toHaveLength(6)
  for (let left = 0; left < 5; left++) {
    for (let right = left + 1; right < 5; right++) {
      const pairs = new Set(modes.map(mode => `${mode[left]} ${mode[right]}`))
      expect(pairs.size, `dimensions ${left} and ${right}`).toBe(left === 0 ? 6 : 4)
    }
  }
})

test('sixteen seeds in a row have every mode there is', () => {
  const seeds = Array.from({ length: 16 }, (_, i) => i + 40)
  const modes = seeds.flatMap(seed => modesOf(seed, 1)).map(mode => choicesOf(mode).join())
  expect(new Set(modes).size).toBe(48)
})

test('every mode meets all that stands beside it', () => {
  const modes = Array.from({ length: 600 }, (_, seed) => modesOf(seed, 4)).flat()
  for (const kind of ['isLive', 'isShort', 'order'] as const) {
    const met = new Set(modes.map(mode => `${choicesOf(mode)} ${mode[kind]}`))
    expect(met.size, kind).toBe(48 * (kind === 'order' ? 4 : 2))
  }
})
