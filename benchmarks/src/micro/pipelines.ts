/**
 * Pipelines whose garbage is measured. Those over columns make no object per record; windows make
 * some per group and commit, which is told and not judged.
 */
import { count, mean, sum, tumbling } from '@millrace/core'
import type { AttachPipeline } from './garbage.ts'

export const BYTES_PER_RECORD_MAX = 16

export const COLUMN_PIPELINES = new Map<string, AttachPipeline>([
  ['where, nothing passes', (frame, output) => frame.where(c => c.amount.lt(0)).toTopic(output)],
  [
    'where, new column, half produced',
    (frame, output) =>
      frame
        .where(c => c.amount.gte(55))
        .withColumns(c => ({ doubled: c.amount.mul(2) }))
        .select('user_id', 'doubled')
        .toTopic(output),
  ],
])

export const tumblingTotals: AttachPipeline = (frame, output) =>
  frame
    .groupBy('user_id')
    .window(tumbling('10s'), { name: 'totals' })
    .agg(c => ({ n: count(), total: sum(c.amount), average: mean(c.amount) }))
    .final()
    .toTopic(output)
