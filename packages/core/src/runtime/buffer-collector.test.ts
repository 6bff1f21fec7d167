import { setTimeout } from 'node:timers/promises'
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

const bufferBytes = (): number => getHeapStatistics().external_memory

function leaveBehind(mebibytes: number): void {
  for (let i = 0; i < mebibytes * 4; i++) new Uint8Array(256 * 1024).fill(1)
}

test('buffers that nobody has any more are gone', async () => {
  const collector = new BufferCollector()
  collector.check()
  let before = 0
  let grown = 0
  // V8 may collect by itself meanwhile, which leaves nothing to see; then once more.
  for (let nth = 0; nth < 20 && grown <= 14 * MIB; nth++) {
    before = bufferBytes()
    leaveBehind(16)
    grown = bufferBytes() - before
  }
  expect(grown).toBeGreaterThan(14 * MIB)
  collector.check()
  // They are given back beside us, when there is time; the next collection takes note of it.
  for (let nth = 0; nth < 3 && bufferBytes() - before >= 8 * MIB; nth++) {
    await setTimeout(50)
    leaveBehind(4.5)
    collector.check()
  }
  expect(bufferBytes() - before).toBeLessThan(8 * MIB)
})
