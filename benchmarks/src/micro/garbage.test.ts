import { expect, test } from 'vitest'
import { type AttachPipeline, leastGarbageOf } from './garbage.ts'
import { BYTES_PER_RECORD_MAX, COLUMN_PIPELINES } from './pipelines.ts'

const RECORDS = 2_000_000

test.each([...COLUMN_PIPELINES])(
  '%s: next to no garbage per record',
  async (_, attach) => {
    const bytes = await leastGarbageOf(attach, RECORDS, BYTES_PER_RECORD_MAX)
    expect(bytes).toBeLessThanOrEqual(BYTES_PER_RECORD_MAX)
  },
  120_000,
)

test('an object for each record is seen', async () => {
  const kept: object[] = [{}]
  const attach: AttachPipeline = (frame, output) => {
    const planted = frame.filter(row => {
      kept[0] = { amount: row.amount }
      return row.amount < 0
    })
    planted.toTopic(output)
  }
  const bytes = await leastGarbageOf(attach, RECORDS, BYTES_PER_RECORD_MAX)
  expect(bytes).toBeGreaterThan(BYTES_PER_RECORD_MAX)
}, 120_000)
