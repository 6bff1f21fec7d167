import { expect, test } from 'vitest'
import { SlotBytes } from './slot-bytes.ts'
import { StateMemory } from './state-memory.ts'

test.each([
  { bytes: 10, perByte: 0 },
  { bytes: 64, perByte: 4 },
])('what comes and goes leaves nothing, held or not (weight %o)', weight => {
  const memory = new StateMemory(1e9)
  const bytes = new SlotBytes(memory, weight)
  bytes.resize(2)
  for (const slot of [0, 1]) bytes.begin(slot, 12)
  expect(memory.usedBytes).toBe(bytes.of(0) + bytes.of(1))
  bytes.hold(0)
  bytes.hold(1)
  bytes.weigh(0, 12, 5_000, true)
  expect(memory.usedBytes).toBe(bytes.of(0) + bytes.of(1))
  expect(bytes.of(0) > bytes.of(1)).toBe(weight.perByte > 0)
  bytes.unhold(1)
  bytes.weigh(1, 12, 7, false)
  expect(memory.heldBytes).toBeGreaterThan(0)
  bytes.end(0, true)
  bytes.end(1, false)
  expect([memory.usedBytes, memory.heldBytes]).toEqual([0, 0])
})

test('a new entry is taken to be as the last ones were', () => {
  const bytes = new SlotBytes(new StateMemory(1e9), { bytes: 0, perByte: 1 })
  bytes.resize(500)
  bytes.begin(0, 0)
  for (let i = 1; i < 500; i++) bytes.weigh(0, 0, 1_000, false)
  bytes.begin(1, 0)
  expect(Math.round(bytes.storedBytes)).toBe(1_000)
  expect(bytes.of(1)).toBe(bytes.of(0))
})
