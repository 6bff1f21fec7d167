import { expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import type { MillraceError } from '../errors.ts'
import { type CellReader, cellReaderOf } from '../operator/cell-reader.ts'
import type { OperatorContext } from '../operator/operator.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { stampEventTime } from './event-time.ts'
import { SourceClock } from './source-clock.ts'

const Row = schema({ ts: t.float64().nullable() })
const failures: MillraceError[] = []
const context = {
  recordFailed: (error: MillraceError, policy: ErrorPolicy) => {
    if (policy.kind === 'fail') throw error
    failures.push(error)
  },
} as unknown as OperatorContext
const guard = (policy: ErrorPolicy = fail()) => ({ step: 'in', policy, context })
const NONE = Number.NEGATIVE_INFINITY

const withTimes = (rows: readonly ({ ts: number | null } | null)[], times: readonly number[]) => {
  const batch = examBatch(Row, rows)
  return batch.with({ records: { ...batch.records, timestamps: Float64Array.from(times) } })
}

test('each record has the watermark of its own partition before it, less the disorder', () => {
  const clock = new SourceClock(100, 0)
  const input = withTimes([{ ts: 1 }, { ts: 1 }, { ts: 1 }], [1_000, 900, 2_000])
  const first = stampEventTime(input, null, clock, guard())
  expect([...first.records.watermarks]).toEqual([NONE, 900, 900])
  expect(clock.watermark).toBe(1_900)
  const next = stampEventTime(withTimes([{ ts: 1 }], [1_950]), null, clock, guard())
  expect([...next.records.watermarks]).toEqual([1_900])
})

test('event time comes from a cell where the topic says so', () => {
  const clock = new SourceClock(0, 0)
  const input = withTimes([{ ts: 50.9 }, { ts: 70 }], [9_000, 9_000])
  const stamped = stampEventTime(input, b => cellReaderOf(b, 'ts'), clock, guard())
  expect([...stamped.records.timestamps]).toEqual([50, 70])
  expect([...input.records.timestamps]).toEqual([9_000, 9_000])
  expect(clock.watermark).toBe(70)
})

test('a record that is refused moves no time', () => {
  failures.length = 0
  const clock = new SourceClock(0, 0)
  const input = withTimes([{ ts: 5 }, { ts: null }, { ts: 7 }], [0, 0, 0])
  const stamped = stampEventTime(input, b => cellReaderOf(b, 'ts'), clock, guard(skip()))
  expect([...(stamped.selection as Int32Array)]).toEqual([0, 2])
  expect(failures).toMatchObject([{ code: 'TYPE_MISMATCH', place: { offset: 101 } }])
})

test.each([
  [1_700_000_000, 'seconds'],
  [1.7e15, 'microseconds'],
  [1.7e18, 'nanoseconds'],
])('a record timestamp of another unit is refused: %s', (timestamp, unit) => {
  const clock = new SourceClock(0, 0)
  const stamp = () => stampEventTime(withTimes([{ ts: 1 }], [timestamp]), null, clock, guard())
  expect(stamp).toThrow(new RegExp(`TIMESTAMP_UNIT: .*${unit}.*in, topic exam/2 offset 100`, 's'))
  expect(clock.watermark).toBe(NONE)
})

test('a tombstone moves time by its timestamp, where that is what time comes from', () => {
  const clock = new SourceClock(0, 0)
  const input = withTimes([null, { ts: 1 }], [3_000, 1_000])
  expect([...stampEventTime(input, null, clock, guard()).records.watermarks]).toEqual([NONE, 3_000])
  const byCell = new SourceClock(0, 0)
  const stamped = stampEventTime(input, b => cellReaderOf(b, 'ts'), byCell, guard())
  expect([...stamped.records.watermarks]).toEqual([NONE, NONE])
  expect(byCell.watermark).toBe(1)
})

test('a tombstone with a timestamp of another unit does not make all else late', () => {
  const clock = new SourceClock(0, 0)
  stampEventTime(withTimes([null, { ts: 1 }], [1.7e15, 1_000]), null, clock, guard())
  expect(clock.watermark).toBe(1_000)
})

test('a column of times gives the same as its cells one by one', () => {
  const Timed = schema({ ts: t.timestamp() })
  const times = [5_000, 7_000, 6_000, -1]
  const input = examBatch(
    Timed,
    times.map(ts => ({ ts })),
  )
  const stampedBy = (read: CellReader) => {
    const clock = new SourceClock(100, 0)
    const { records, selection } = stampEventTime(input, read, clock, guard())
    return { times: [...records.timestamps], marks: [...records.watermarks], selection, clock }
  }
  const cells: CellReader = batch => cellReaderOf(batch, 'ts')
  const column = Object.assign((batch: Batch) => cellReaderOf(batch, 'ts'), { column: 'ts' })
  expect(stampedBy(column)).toEqual(stampedBy(cells))
  expect(stampedBy(column)).toMatchObject({ times, marks: [NONE, 4_900, 6_900, 6_900] })
})
