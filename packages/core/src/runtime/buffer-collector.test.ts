import { getHeapStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { BufferCollector } from './buffer-collector.ts'

const MIB = 1024 * 1024

test('collects when 4 MiB have come since the least that there was, and begins anew', () => {
  let bytes = 20 * MIB
  let collections = 0
  const collector = new BufferCollector(
    () => {
      collections++
      bytes -= 5 * MIB
    },
    () => bytes,
  )
  collector.check()
  expect(collections).toBe(1)
  bytes += 4 * MIB - 1
  collector.check()
  expect(collections).toBe(1)
  bytes -= 2 * MIB
  collector.check()
  bytes += 4 * MIB
  collector.check()
  expect(collections).toBe(2)
})

test('does not ask again for what is alive', () => {
  let collections = 0
  const collector = new BufferCollector(
    () => collections++,
    () => 100 * MIB,
  )
  for (let i = 0; i < 10; i++) collector.check()
  expect(collections).toBe(1)
})

test('buffers that nobody has any more are gone', () => {
  const collector = new BufferCollector()
  collector.check()
  let before = 0
  let grown = 0
  // V8 may collect by itself meanwhile, which leaves nothing to see; then once more.
  for (let nth = 0; nth < 20 && grown <= 14 * MIB; nth++) {
    before = getHeapStatistics().external_memory
    for (let i = 0; i < 64; i++) new Uint8Array(256 * 1024).fill(1)
    grown = getHeapStatistics().external_memory - before
  }
  expect(grown).toBeGreaterThan(14 * MIB)
  collector.check()
  // They are given back beside us; the next collection waits for that.
  for (let i = 0; i < 24; i++) new Uint8Array(256 * 1024).fill(1)
  collector.check()
  expect(getHeapStatistics().external_memory - before).toBeLessThan(8 * MIB)
})
