/**
 * A value that a source found, made into a record: checked cells, event time, key bytes.
 *
 * Shared by the sources here. What does not fit is a `RowFault`, which the source throws with the
 * place where it found the value.
 */
import type { CellValue } from '../batch/column.ts'
import { type Row, setOwn } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { type CellForm, isRefusal, toCell } from '../schema/cell.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import { defaultKeySerde } from '../serde/key-serde.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { SourceRecord } from './source.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of any type, as in Array<any>.
export interface SourceRowOptions<Row_ = any> {
  /**
   * Event time: a `timestamp` column, or a function of the row that gives epoch milliseconds or a
   * Date. Without it the records have none of their own.
   */
  readonly timestamp?: string | ((row: Row_) => number | Date)
  /** The column whose natural form is the record key. */
  readonly key?: string
}

/** Why a value is no record of the source; given, not thrown, so that the source can say where. */
export class RowFault {
  readonly refusal: Refusal
  readonly field: string | undefined

  constructor(refusal: Refusal, field?: string) {
    this.refusal = refusal
    this.field = field
  }

  /** @param where for example `row 3 of the array`. */
  error(where: string): MillraceError {
    const { code, expected, got } = this.refusal
    return new MillraceError(
      code,
      `${where}: expected ${expected}, got ${got}. ` +
        'Correct the data or declare the column otherwise.',
      { field: this.field },
    )
  }
}

export type RecordOf = (value: unknown) => SourceRecord | RowFault

const TIME = t.timestamp()

/** @throws UNKNOWN_COLUMN, TYPE_MISMATCH when the options do not fit the schema. */
export function recordsOf(schema: Schema, form: CellForm, options: SourceRowOptions): RecordOf {
  const { timestamp, key } = options
  if (key !== undefined) schema.typeOf(key)
  if (typeof timestamp === 'string') checkTimestamp(schema, timestamp)
  const keyOf = key === undefined ? undefined : keyEncoder(schema, key)
  const timeOf = timeFunction(schema, form, timestamp)
  return value => {
    const row = cellsOf(schema, form, value)
    if (row instanceof RowFault) return row
    const time = timeOf(row)
    if (time instanceof RowFault) return time
    return {
      value: row,
      ...(keyOf && { key: keyOf(row) }),
      ...(time !== undefined && { timestamp: time }),
    }
  }
}

function checkTimestamp(schema: Schema, column: string): void {
  const type = schema.typeOf(column)
  if (type.kind === 'timestamp' || !schema.has(column)) return
  throw new MillraceError(
    'TYPE_MISMATCH',
    `the timestamp of a source must be a timestamp column; ${JSON.stringify(column)} is ${type}. ` +
      `Declare it as t.timestamp() or t.timestamp({ unit: 's' }), or give a function.`,
    { field: column },
  )
}

function cellsOf(schema: Schema, form: CellForm, value: unknown): Row | RowFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new RowFault(new Refusal('DECODE_FAILED', 'an object', describeValue(value)))
  }
  if (schema.isOpen && schema.fields.length === 0) return value as Row
  const row: Row = schema.isOpen ? { ...value } : {}
  for (const { name, type } of schema.fields) {
    const cell = toCell(type, ownValue(value, name), form)
    if (isRefusal(cell)) return new RowFault(cell, name)
    setOwn(row, name, cell)
  }
  return row
}

function timeFunction(
  schema: Schema,
  form: CellForm,
  timestamp: string | ((row: Row) => number | Date) | undefined,
): (row: Row) => number | undefined | RowFault {
  if (timestamp === undefined) return () => undefined
  if (typeof timestamp === 'string') {
    // A declared column holds milliseconds already, an open one what the data holds.
    const isDeclared = schema.has(timestamp)
    const type = isDeclared ? schema.typeOf(timestamp).required() : TIME
    return row => {
      const time = toCell(type, ownValue(row, timestamp), isDeclared ? 'row' : form)
      return isRefusal(time) ? new RowFault(time, timestamp) : (time as number)
    }
  }
  return row => {
    try {
      const time = toCell(TIME, timestamp(row))
      return isRefusal(time) ? new RowFault(time) : (time as number)
    } catch (error) {
      const expected = 'a time from the timestamp function'
      return new RowFault(new Refusal('DECODE_FAILED', expected, String(error)))
    }
  }
}

function keyEncoder(schema: Schema, column: string): (row: Row) => Uint8Array | null {
  const declared = schema.has(column) ? schema.typeOf(column) : undefined
  return row => {
    const cell = (ownValue(row, column) ?? null) as CellValue
    const out = new ByteWriter(16)
    const encoder = defaultKeySerde([declared ?? naturalType(cell)])
    return encoder.encodeKey([cell], out) ? out.copy() : null
  }
}

function naturalType(cell: CellValue): DataType {
  if (typeof cell === 'string') return t.string()
  return cell instanceof Uint8Array ? t.bytes() : t.json()
}

function ownValue(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}
