/**
 * The batch of results of one window: a row per group, with the group's columns, the window and its
 * aggregates. Its timestamp is the greatest event time of the group; it is never late.
 *
 * The clear version goes group by group. Where nothing fails, which is nearly always, the fast one
 * gives the same a column at a time.
 */
import type { Aggregator } from '../aggregate/aggregator.ts'
import { Batch } from '../batch/batch.ts'
import { BytesColumn, type CellValue, type Column, StringColumn } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import type { MillraceError } from '../errors.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { Field } from '../schema/schema.ts'
import type { Taken } from '../state/layered-store.ts'
import type { Accumulator } from './accumulator.ts'
import type { Grouping } from './group-keys.ts'
import { KEY_TYPE } from './record-edit.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import { windowError, windowRecord } from './window-failure.ts'

type ResultOptions = Pick<
  WindowAggregateOptions,
  'name' | 'schema' | 'group' | 'aggregates' | 'window'
>

/** Told of a group whose aggregates fail, which is left out. */
type Fail = (error: MillraceError, record: () => PlainRecord) => void

/** What groups are put together to. */
interface Rows {
  readonly columns: Column[]
  readonly keys: BytesColumn
  readonly times: Float64Array
}

export function windowResults(
  options: ResultOptions,
  partition: number,
  end: number,
  entries: Taken<Accumulator>,
  fail: Fail,
): Batch {
  const { columns, keys, times } =
    columnsOf(options, end, entries) ?? rowsOf(options, end, entries, fail)
  return new Batch({
    schema: options.schema,
    columns,
    rest: null,
    records: {
      topic: options.name,
      partition,
      keys,
      timestamps: times,
      offsets: new Float64Array(times.length).fill(-1),
      watermarks: new Float64Array(times.length).fill(Number.NEGATIVE_INFINITY),
      headers: null,
      tombstones: null,
    },
    selection: null,
  })
}

/** Null: some aggregate failed, or is of several columns. */
function columnsOf(
  { schema, group, aggregates, window }: ResultOptions,
  end: number,
  entries: Taken<Accumulator>,
): Rows | null {
  if (aggregates.some(({ aggregator }) => aggregator.results !== undefined)) return null
  const { fields } = schema
  const groupCount = fields.length - 2 - aggregates.length
  const keys = keysOf(entries)
  const columns = group === null ? [] : groupColumns(fields.slice(0, groupCount), group, keys)
  const built = (c: number, cellOf: (accumulator: Accumulator) => CellValue): void => {
    const builder = columnBuilder((fields[c] as Field).type)
    for (const [, accumulator] of entries) builder.append(cellOf(accumulator))
    columns.push(builder.build())
  }
  built(groupCount, () => end - window.sizeMs)
  built(groupCount + 1, () => end)
  try {
    for (const [slot, { aggregator }] of aggregates.entries()) {
      built(groupCount + 2 + slot, ({ states }) => aggregator.result(states[slot]))
    }
  } catch {
    return null
  }
  return { columns, keys, times: Float64Array.from(entries, ([, { timestamp }]) => timestamp) }
}

/** Keys are strings of one character per byte. */
function keysOf(entries: Taken<Accumulator>): BytesColumn {
  const start = new Int32Array(entries.length)
  const size = new Int32Array(entries.length)
  let bytes = 0
  for (const [i, [key]] of entries.entries()) {
    start[i] = bytes
    size[i] = key.length
    bytes += key.length
  }
  const data = Buffer.allocUnsafeSlow(bytes)
  for (const [i, [key]] of entries.entries()) data.write(key, start[i] as number, 'latin1')
  return new BytesColumn(KEY_TYPE, { data, start, size }, null)
}

/** The key of a single column of text that is never null is its bytes. */
function groupColumns(fields: readonly Field[], { codec }: Grouping, keys: BytesColumn): Column[] {
  const [first, second] = fields
  if (first?.type.kind === 'string' && !first.type.isNullable && second === undefined) {
    return [new StringColumn(first.type, keys, null)]
  }
  const builders = fields.map(({ type }) => columnBuilder(type))
  for (let i = 0; i < keys.length; i++) {
    const cells = codec.decode(keys.get(i) as Uint8Array)
    for (const [c, builder] of builders.entries()) builder.append(cells[c] as CellValue)
  }
  return builders.map(builder => builder.build())
}

/** Clear version. */
function rowsOf(
  { name, schema, group, aggregates, window }: ResultOptions,
  end: number,
  entries: Taken<Accumulator>,
  fail: Fail,
): Rows {
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
  return {
    columns: builders.map(builder => builder.build()),
    keys: keys.build() as BytesColumn,
    times: Float64Array.from(times),
  }
}

/** One cell, or as many as the aggregate has columns. */
function resultsOf(aggregator: Aggregator, state: unknown): readonly CellValue[] {
  return aggregator.results?.(state) ?? [aggregator.result(state)]
}
