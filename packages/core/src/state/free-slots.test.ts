import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FreeSlots } from './free-slots.ts'

test('gives no slot to two, and few that were never needed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 60 }), acts => {
      const slots = new FreeSlots()
      const taken = new Set<number>()
      let most = 0
      for (const act of acts) {
        for (let i = 0; i < act; i++) {
          const slot = slots.take()
          expect(taken.has(slot)).toBe(false)
          expect(slot).toBeLessThan(slots.count)
          taken.add(slot)
        }
        most = Math.max(most, taken.size)
        for (const slot of [...taken].slice(0, Math.max(0, -act))) {
          taken.delete(slot)
          slots.give(slot)
        }
      }
      expect(slots.count).toBeLessThanOrEqual(Math.ceil((most * 4) / 3) + 1)
    }),
  )
})

test('what is taken together lies together, in whatever order it was given back', () => {
  const slots = new FreeSlots()
  const all = Array.from({ length: 1_000 }, () => slots.take())
  for (const slot of all.toSorted((left, right) => ((left * 7) % 1_000) - ((right * 7) % 1_000))) {
    slots.give(slot)
  }
  expect(Array.from({ length: 1_000 }, () => slots.take())).toEqual(all)
  expect(slots.take()).toBe(1_000)
})
