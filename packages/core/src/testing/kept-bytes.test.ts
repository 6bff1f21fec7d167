/**
 * Whoever keeps something of a batch finds it as it was later, whatever the pipeline: the in-memory
 * broker spoils the bytes of batches that are done with.
 */
import { describe, expect, test } from 'vitest'
import { count, max } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import { tumbling } from '../window/window.ts'
import { TestDriver } from './test-driver.ts'

const Visit = schema({ user: t.string(), page: t.string() })
type Row = { user: string; page: string }
type Frame = StreamingDataFrame<Row>

/** Keeps whole batches. */
function batchesKept(kept: Batch[]): SinkDefinition {
  const nothing = () => Promise.resolve()
  return {
    name: 'kept',
    create: () => ({
      write: keep(kept),
      prepare: () => Promise.resolve(null),
      ...{ open: nothing, commit: nothing, abort: nothing, recover: nothing, close: nothing },
    }),
  }
}

/** The last one is late for its window. */
const VISITS = [
  ...[
    { user: 'ann', page: '/page/0' },
    { user: 'bob', page: '/page/1' },
  ],
  { user: 'cec', page: '/page/2' },
].map((value, n) => ({ value, key: value.user, timestamp: n === 1 ? 60_000 : 1_000 * n }))
const ROWS = VISITS.map(({ value }) => value)

async function run(build: (frame: Frame, app: Application) => void): Promise<void> {
  const driver = new TestDriver({ partitions: 1 })
  const app = new Application({ id: 'kept', ...driver.options })
  const visits = app.topic('visits', {
    ...{ key: string(), keyColumn: 'user', value: json(Visit), disorder: 0 },
  })
  build(app.dataframe(visits), app)
  await driver.start(app)
  for (const visit of VISITS) await driver.feed(visits, [visit])
  await driver.stop()
}

const keep =
  <T>(kept: T[]) =>
  (one: T): undefined => {
    kept.push(one)
  }

const outOf = (app: Application) => app.topic('out', { value: json(), create: { partitions: 1 } })

describe('is as it was', () => {
  test.each<[string, (frame: Frame) => Frame]>([
    ['read', frame => frame],
    ['filtered', frame => frame.where(c => c.page.ne(''))],
    ['mapped', frame => frame.map(row => row) as Frame],
    ['looked at', frame => frame.tap(() => {})],
  ])('a batch that a sink keeps: %s', async (_, change) => {
    const kept: Batch[] = []
    await run(frame => change(frame).sink(batchesKept(kept)))
    expect(rowsIn(kept)).toEqual(ROWS)
    expect(kept.map(({ records }) => String(records.keys.get(0)))).toEqual(['ann', 'bob', 'cec'])
  })

  test.each<[string, (frame: Frame, keep: (row: Row) => undefined) => Frame]>([
    ['tap', (frame, keep) => frame.tap(keep)],
    ['filter', (frame, keep) => frame.filter(row => keep(row) === undefined)],
    ['map', (frame, keep) => frame.map(row => keep(row) ?? row) as Frame],
  ])('a row that a function keeps: %s', async (_, change) => {
    const kept: Row[] = []
    await run((frame, app) => change(frame, keep(kept)).toTopic(outOf(app) as never))
    expect(kept.map(({ user, page }) => ({ user, page }))).toEqual(ROWS)
  })

  test.each<[string, (frame: Frame) => readonly StreamingDataFrame<never>[]]>([
    [
      'of numbers',
      frame => {
        const windows = frame
          .groupBy('user')
          .window(tumbling('1s'))
          .agg(() => ({ n: count() }))
        return [windows.late() as never, windows.final() as never]
      },
    ],
    [
      'of text',
      frame => {
        const windows = frame.groupBy('user').window(tumbling('1s'))
        const last = windows.agg(c => ({ last: max(c.page) }))
        return [last.late() as never, last.final() as never]
      },
    ],
  ])('late records and results of windows that sinks keep: %s', async (_, windows) => {
    const kept: [Batch[], Batch[]] = [[], []]
    await run(frame => {
      const frames = windows(frame.where(c => c.page.ne('')))
      for (const [i, each] of frames.entries()) each.sink(batchesKept(kept[i] as Batch[]))
    })
    const [late, results] = kept
    expect(rowsIn(late)).toEqual(ROWS.slice(2))
    expect(rowsIn(results)).toMatchObject([{ user: 'ann', window_start: 0 }])
  })
})

function rowsIn(batches: readonly Batch[]): unknown[] {
  return batches.flatMap(batch => {
    const rowAt = rowsOf(batch)
    return Array.from({ length: batch.count }, (_, nth) => ({ ...rowAt(batch.at(nth)) }))
  })
}
