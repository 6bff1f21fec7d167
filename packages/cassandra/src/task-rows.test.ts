import { expect, test } from 'vitest'
import type { OutRow } from './out-row.ts'
import { inOrder, TaskRows } from './task-rows.ts'

const row = (offset: number) =>
  ({ origin: { batch: { records: { offsets: [offset] } } }, index: 0 }) as unknown as OutRow

test('knows what is on its way, and gives out in the order of the log what was not written', () => {
  const rows = new TaskRows(true)
  rows.pending = 5
  for (const offset of [7, 3]) rows.refused(row(offset), new Error('no'))
  rows.acknowledged()
  for (const offset of [6, 5]) rows.notApplied(row(offset))
  expect(rows.pending).toBe(0)
  expect(inOrder(rows.takeRefused()).map(({ error }) => error.message)).toEqual([
    'SINK_FAILED: Cassandra refuses the row: no.',
    'SINK_FAILED: Cassandra refuses the row: no.',
  ])
  expect(rows.takeRefused()).toEqual([])
  const { rows: kept, count } = rows.takeNotApplied()
  expect(count).toBe(2)
  expect(inOrder(kept).map(failed => failed.row.origin.batch.records.offsets[0])).toEqual([5, 6])
  expect(rows.takeNotApplied()).toEqual({ rows: [], count: 0 })
})

test('only counts what a condition kept out, where that is no error', () => {
  const rows = new TaskRows(false)
  rows.notApplied(row(1))
  expect(rows.takeNotApplied()).toEqual({ rows: [], count: 1 })
})
