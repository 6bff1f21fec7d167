/**
 * Rows for an internal topic straight from columns, with no object or text per cell; the same bytes
 * as `rowWriter` of record/format/row-format.ts writes, the clear version.
 */
import type { Batch } from '../batch/batch.ts'
import {
  BooleanColumn,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../batch/column.ts'
import { rowHead } from '../record/format/row-format.ts'
import {
  FALSE,
  NULL,
  TEXT,
  TRUE,
  writeNumber,
  writeTimestamp,
} from '../record/format/tagged-value.ts'
import type { Schema } from '../schema/schema.ts'
import { getBit } from '../util/bitmap.ts'
import type { ByteWriter } from '../util/byte-writer.ts'

/** Appends a cell, or a row. */
type WriteAt = (index: number, out: ByteWriter) => void

/** High words of whole numbers that a double holds exactly lie within. */
const SAFE_HIGH_MAX = 2 ** 21

/** Null: some cell may not fit, or its kind is written by the clear version alone. */
export function rowColumns(schema: Schema, batch: Batch): WriteAt | null {
  if (schema.isOpen) return null
  const writers: WriteAt[] = []
  for (const { name, type } of schema.fields) {
    const column = batch.columns[batch.schema.indexOf(name)]
    if (column?.type.kind !== type.kind) return null
    if (column.validity !== null && !type.isNullable) return null
    const write = cellWriter(column)
    if (write === null) return null
    writers.push(column.validity === null ? write : nullable(write, column.validity))
  }
  const head = rowHead(schema.fields, false)
  return (index, out) => {
    out.range(head, 0, head.length)
    for (const write of writers) write(index, out)
  }
}

function nullable(write: WriteAt, validity: Uint8Array): WriteAt {
  return (index, out) => {
    if (getBit(validity, index)) write(index, out)
    else out.byte(NULL)
  }
}

function cellWriter(column: Column): WriteAt | null {
  if (column instanceof StringColumn) return textWriter(column)
  if (column instanceof Float64Column || column instanceof Int32Column) {
    const { values } = column
    return (index, out) => writeNumber(values[index] as number, out)
  }
  if (column instanceof BooleanColumn) {
    const { bits } = column
    return (index, out) => out.byte(getBit(bits, index) ? TRUE : FALSE)
  }
  if (!(column instanceof Int64Column)) return null
  if (column.type.kind === 'timestamp') {
    return (index, out) => writeTimestamp(column.number(index), out)
  }
  if (column.type.as !== 'number' || !isSafe(column)) return null
  return (index, out) => writeNumber(column.number(index), out)
}

function textWriter({ data, start, size }: StringColumn): WriteAt {
  return (index, out) => {
    const bytes = size[index] as number
    out.byte(TEXT)
    out.unsigned(bytes)
    out.range(data, start[index] as number, bytes)
  }
}

function isSafe({ words }: Int64Column): boolean {
  for (let i = 1; i < words.length; i += 2) {
    const high = words[i] as number
    if (high >= SAFE_HIGH_MAX || high < -SAFE_HIGH_MAX) return false
  }
  return true
}
