import { expect, test } from 'vitest'
import { ManualClock } from '../testing/manual-clock.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { RestoreProgress } from './restore-progress.ts'

const read = (count: number, nextOffset: number): RawBatch =>
  ({
    count,
    nextOffset,
    keySize: new Int32Array(count).fill(8),
    valueSize: new Int32Array(count).fill(-1).fill(12, 0, 1),
  }) as unknown as RawBatch

test('tells how far it is, how fast, and how long it will take', async () => {
  const clock = new ManualClock(0)
  const lines: string[] = []
  const log = { info: (_: object, text: string) => void lines.push(text), warn() {} }
  const place = { topic: 'log', partition: 3 }
  const progress = new RestoreProgress(place, clock, log as never)
  progress.begin(1_000, 5_000, true)
  expect(progress.status()).toMatchObject({ offsetsLeft: 4_000, secondsLeft: null })
  await clock.advance(4_000)
  progress.moved(read(900, 2_000))
  expect(lines).toEqual([])
  await clock.advance(1_000)
  progress.moved(read(100, 2_250))
  expect(lines).toEqual(['restoring state'])
  expect(progress.status()).toEqual({
    ...place,
    recordsRead: 1_000,
    bytesRead: 8_000 + 24,
    offsetsLeft: 2_750,
    recordsPerSecond: 200,
    secondsLeft: 11,
    isLocalReused: true,
    ms: 5_000,
  })
  progress.end()
  await clock.advance(9_000)
  expect(progress.status()).toMatchObject({ offsetsLeft: 0, secondsLeft: 0, ms: 5_000 })
  expect(lines).toEqual(['restoring state', 'state restored'])
})

test('says nothing where there was nothing to read', () => {
  const lines: string[] = []
  const log = { info: (_: object, text: string) => void lines.push(text) }
  const place = { topic: 'log', partition: 0 }
  const progress = new RestoreProgress(place, new ManualClock(0), log as never)
  progress.begin(7, 7, true)
  progress.end()
  expect([lines, progress.status().recordsPerSecond]).toEqual([[], 0])
})
