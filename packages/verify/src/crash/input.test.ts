import { expect, test } from 'vitest'
import { expectedOf } from '../check/expected.ts'
import { inputRecord } from './input.ts'

const traits = { seed: 5, startAt: 1_000_000, perSecond: 500 }
const records = Array.from({ length: 20_000 }, (_, seq) => inputRecord(seq, traits))

test('the input is a function of the seed', () => {
  expect(inputRecord(77, traits)).toEqual(records[77])
  expect(inputRecord(77, { ...traits, seed: 6 })).not.toEqual(records[77])
})

test('it has late records, disorder within the bound, and broken ones', () => {
  const lines = records.map((record, offset) => ({ partition: 0, offset, ...record }))
  const { late, dead, passed, users, items } = expectedOf(lines)
  expect(dead).toHaveLength(100)
  expect(late.length).toBeGreaterThan(50)
  expect(late.length).toBeLessThan(250)
  expect(passed.length).toBeGreaterThan(15_000)
  expect(users.length).toBeGreaterThan(500)
  expect(items.length).toBeGreaterThan(150)
})
