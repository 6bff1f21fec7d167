import { expect, test, vi } from 'vitest'
import { Slice } from './slice.ts'

test('gives way when a slice is used up, and not before', async () => {
  let now = 1_000
  const time = vi.spyOn(performance, 'now').mockImplementation(() => now)
  const slice = new Slice()
  let turns = 0
  setImmediate(() => turns++)
  now += 4
  await slice.rest()
  expect(turns).toBe(0)
  now += 1
  await slice.rest()
  expect(turns).toBe(1)
  setImmediate(() => turns++)
  await slice.rest()
  expect(turns).toBe(1)
  time.mockRestore()
})
