/**
 * The batch of results of one window: a row per group, with the group's columns, the window and its
 * aggregates. Its timestamp is the greatest event time of the group; it is never late.
 *
 * The clear version goes group by group. Where nothing fails, which is nearly always, the fast one
 * gives the same a column at a time.
 */
import { Batch } from '../batch/batch.ts'
import { BytesColumn, type CellValue, type Column, StringColumn } from '../batch/column.ts'
import { columnBuilder, putHalves } from '../batch/column-builder.ts'
import { outputColumn } from '../batch/output-column.ts'
import { Validity } from '../batch/validity.ts'
import type { MillraceError } from '../errors.ts'
import type { GroupKeyCodec } from '../record/format/group-key.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import type { DataType } from '../schema/data-type.ts'
import type { Field } from '../schema/schema.ts'
import type { KeyTable } from '../state/key-table.ts'
import type { Accumulators } from './accumulators.ts'
import type { Grouping } from './group-keys.ts'
import { KEY_TYPE } from './record-edit.ts'
import type { WindowAggregateOptions } from './window-aggregate.ts'
import { windowError, windowRecord } from './window-failure.ts'

type ResultOptions = Pick<WindowAggregateOptions, 'name' | 'schema' | 'group' | 'window'>

/** Groups of a window: where their states are, and their keys. */
export interface Groups {
  readonly slots: Int32Array
  readonly cells: Accumulators
  /** Of each, its key's number in `keys`. */
  readonly ids: Int32Array
  readonly keys: Pick<KeyTable, 'rangesOf'>
}

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
  groups: Groups,
  fail: Fail,
): Batch {
  const { columns, keys, times } =
    columnsOf(options, end, groups) ?? rowsOf(options, end, groups, fail)
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
  { schema, group, window }: ResultOptions,
  end: number,
  groups: Groups,
): Rows | null {
  const { slots, cells } = groups
  const { aggregates } = cells
  if (aggregates.some(({ aggregator }) => aggregator.results !== undefined)) return null
  const { fields } = schema
  const groupCount = fields.length - 2 - aggregates.length
  const keys = keysOf(groups)
  const typeAt = (c: number): DataType => (fields[c] as Field).type
  const columns = group === null ? [] : groupColumns(fields.slice(0, groupCount), group, keys)
  columns.push(timeColumn(typeAt(groupCount), end - window.sizeMs, slots.length))
  columns.push(timeColumn(typeAt(groupCount + 1), end, slots.length))
  try {
    for (const [i, states] of aggregates.entries()) {
      columns.push(states.column(slots, typeAt(groupCount + 2 + i)))
    }
  } catch {
    return null
  }
  return { columns, keys, times: cells.timestampsOf(slots) }
}

function keysOf({ ids, keys }: Groups): BytesColumn {
  return new BytesColumn(KEY_TYPE, keys.rangesOf(ids), null)
}

/** The same time in each cell. */
function timeColumn(type: DataType, time: number, length: number): Column {
  const output = outputColumn(type, length, false)
  const words = output.values as Int32Array
  for (let i = 0; i < length; i++) putHalves(words, i, time)
  return output.column()
}

function groupColumns(fields: readonly Field[], { codec }: Grouping, keys: BytesColumn): Column[] {
  if (codec.isNullText !== undefined) return [textColumn((fields[0] as Field).type, keys, codec)]
  const builders = fields.map(({ type }) => columnBuilder(type))
  for (let i = 0; i < keys.length; i++) {
    const cells = codec.decode(keys.get(i) as Uint8Array)
    for (const [c, builder] of builders.entries()) builder.append(cells[c] as CellValue)
  }
  return builders.map(builder => builder.build())
}

/** The key of a single column of text is its bytes. */
function textColumn(type: DataType, keys: BytesColumn, codec: GroupKeyCodec): Column {
  if (!type.isNullable) return new StringColumn(type, keys, null)
  const { data, start, size } = keys
  const validity = new Validity()
  for (let i = 0; i < keys.length; i++) {
    validity.append(codec.isNullText?.(data, start[i] as number, size[i] as number) !== true)
  }
  return new StringColumn(type, keys, validity.build())
}

/** Clear version. */
function rowsOf(
  { name, schema, group, window }: ResultOptions,
  end: number,
  groups: Groups,
  fail: Fail,
): Rows {
  const builders = schema.fields.map(field => columnBuilder(field.type))
  const keys = columnBuilder(KEY_TYPE)
  const all = keysOf(groups)
  const start = end - window.sizeMs
  const times: number[] = []
  for (const [i, slot] of groups.slots.entries()) {
    const timestamp = groups.cells.timestampOf(slot)
    const key = Buffer.from(all.get(i) as Uint8Array)
    const cells: CellValue[] = [...(group?.codec.decode(key) ?? []), start, end]
    try {
      cells.push(...groups.cells.aggregates.flatMap(states => states.results(slot)))
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
