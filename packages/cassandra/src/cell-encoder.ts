/**
 * The bytes of one column's cells: straight from the batch where column and type have the same
 * form, by way of a value elsewhere.
 *
 * Text goes from its UTF-8 to the request without becoming a string, numbers without becoming
 * bigints. Bytes are copied, for a batch's own may be written over when it has been processed.
 */
import type {
  Batch,
  BooleanColumn,
  BytesColumn,
  Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '@millrace/core'
import type { CqlType } from './cql-type.ts'
import { type CqlEncoder, cqlEncoder } from './encode.ts'
import type { Slab } from './slab.ts'

/** Null for null. @throws CqlRefusal */
export type CellEncoder = (index: number) => Buffer | null

const TRUE = Buffer.from([1])
const FALSE = Buffer.from([0])

/** Clear version of all that follows. */
function clearEncoder(read: (index: number) => unknown, encode: CqlEncoder): CellEncoder {
  return index => {
    const value = read(index)
    return value === null || value === undefined ? null : encode(value)
  }
}

export function cellEncoder(batch: Batch, name: string, type: CqlType, slab: Slab): CellEncoder {
  const position = batch.schema.indexOf(name)
  if (position < 0) return clearEncoder(index => restValue(batch, name, index), cqlEncoder(type))
  const column = batch.columns[position] as Column
  return (
    directEncoder(column, type, slab) ?? clearEncoder(index => column.get(index), cqlEncoder(type))
  )
}

/** Perf: rows/s of `benchmarks cassandra` are in docs/performance.md; 5 columns bind in 0.6 µs. */
function directEncoder(column: Column, type: CqlType, slab: Slab): CellEncoder | null {
  switch (`${column.type.kind} ${type.kind}`) {
    case 'string text':
    case 'bytes blob': {
      const { data, start, size } = column as StringColumn | BytesColumn
      return index =>
        column.isNull(index) ? null : slab.copy(data, start[index] as number, size[index] as number)
    }
    case 'int32 int': {
      const { values } = column as Int32Column
      return index => (column.isNull(index) ? null : slab.int32(values[index] as number))
    }
    case 'int32 bigint':
    case 'int32 counter': {
      const { values } = column as Int32Column
      return index => (column.isNull(index) ? null : slab.integer(values[index] as number))
    }
    case 'int64 bigint':
    case 'int64 counter':
    case 'timestamp timestamp':
    case 'timestamp bigint': {
      const { words } = column as Int64Column
      if (words === undefined) return null
      return index =>
        column.isNull(index)
          ? null
          : slab.int64(words[index * 2 + 1] as number, words[index * 2] as number)
    }
    case 'float64 double': {
      const { values } = column as Float64Column
      return index => (column.isNull(index) ? null : slab.double(values[index] as number))
    }
    case 'boolean boolean':
      return index => {
        const cell = (column as BooleanColumn).get(index)
        return cell === null ? null : cell ? TRUE : FALSE
      }
    default:
      return null
  }
}

/** An undeclared column of an open frame. */
export function restValue(batch: Batch, name: string, index: number): unknown {
  const value = batch.rest?.get(index)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
  return (value as Record<string, unknown>)[name]
}
