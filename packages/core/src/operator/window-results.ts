/**
 * The batch of results of one window: a row per group, with the group's columns, the window and its
 * aggregates. Its timestamp is the greatest event time of the group; it is never late.
 */
import type { Aggregator } from '../aggregate/aggregator.ts'
import { Batch } from '../batch/batch.ts'
import type { BytesColumn, CellValue } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import type { MillraceError } from '../errors.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { Taken } from '../state/layered-store.ts'
import type { Accumulator } from './accumulator.ts'
import { KEY_TYPE } from './record-edit.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import { windowError, windowRecord } from './window-failure.ts'

type ResultOptions = Pick<
  WindowAggregateOptions,
  'name' | 'schema' | 'group' | 'aggregates' | 'window'
>

/** Groups whose aggregates fail are told to `fail` and left out. */
export function windowResults(
  { name, schema, group, aggregates, window }: ResultOptions,
  partition: number,
  end: number,
  entries: Taken<Accumulator>,
  fail: (error: MillraceError, record: () => PlainRecord) => void,
): Batch {
  const builders = schema.fields.map(field => columnBuilder(field.type))
  const keys = columnBuilder(KEY_TYPE)
  const start = end - window.sizeMs
  const times: number[] = []
  for (const [text, { states, timestamp }] of entries) {
    const key = Buffer.from(text, 'latin1')
    const cells: CellValue[] = [...(group?.codec.decode(key) ?? []), start, end]
    try {
      cells.push(...aggregates.flatMap(({ aggregator }, a) => resultsOf(aggregator, states[a])))
    } catch (cause) {
      const names = group === null ? null : schema.names.slice(0, group.columns.length)
      const failed = { step: name, start, end, timestamp, key, names, cells }
      const error = windowError(cause, failed)
      fail(error, () => windowRecord(error, failed))
      continue
    }
    for (const [c, builder] of builders.entries()) builder.append(cells[c] as CellValue)
    keys.append(key)
    times.push(timestamp)
  }
  return new Batch({
    schema,
    columns: builders.map(builder => builder.build()),
    rest: null,
    records: {
      topic: name,
      partition,
      keys: keys.build() as BytesColumn,
      timestamps: Float64Array.from(times),
      offsets: new Float64Array(times.length).fill(-1),
      watermarks: new Float64Array(times.length).fill(Number.NEGATIVE_INFINITY),
      headers: null,
      tombstones: null,
    },
    selection: null,
  })
}

/** One cell, or as many as the aggregate has columns. */
function resultsOf(aggregator: Aggregator, state: unknown): readonly CellValue[] {
  return aggregator.results?.(state) ?? [aggregator.result(state)]
}
