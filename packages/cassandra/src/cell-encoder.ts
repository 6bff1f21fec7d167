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

/** Writes a cell into the slab; false = it is null, and nothing was written. @throws CqlRefusal */
export type CellEncoder = (index: number) => boolean

const TRUE = Buffer.from([1])
const FALSE = Buffer.from([0])

/** Clear version of all that follows. */
function clearEncoder(
  read: (index: number) => unknown,
  encode: CqlEncoder,
  slab: Slab,
): CellEncoder {
  return index => {
    const value = read(index)
    if (value === null || value === undefined) return false
    slab.value(encode(value))
    return true
  }
}

export function cellEncoder(batch: Batch, name: string, type: CqlType, slab: Slab): CellEncoder {
  const encode = cqlEncoder(type)
  const position = batch.schema.indexOf(name)
  if (position < 0) return clearEncoder(index => restValue(batch, name, index), encode, slab)
  const column = batch.columns[position] as Column
  return directEncoder(column, type, slab) ?? clearEncoder(index => column.get(index), encode, slab)
}

/** Perf: rows/s of `benchmarks cassandra` are in docs/performance.md. */
function directEncoder(column: Column, type: CqlType, slab: Slab): CellEncoder | null {
  const write = valueWriter(column, type, slab)
  if (write === null) return null
  return index => {
    if (column.isNull(index)) return false
    write(index)
    return true
  }
}

/** Of cells that are not null. */
function valueWriter(column: Column, type: CqlType, slab: Slab): ((index: number) => void) | null {
  switch (`${column.type.kind} ${type.kind}`) {
    case 'string text':
    case 'bytes blob': {
      const { data, start, size } = column as StringColumn | BytesColumn
      return index => slab.copy(data, start[index] as number, size[index] as number)
    }
    case 'int32 int': {
      const { values } = column as Int32Column
      return index => slab.int32(values[index] as number)
    }
    case 'int32 bigint':
    case 'int32 counter': {
      const { values } = column as Int32Column
      return index => slab.integer(values[index] as number)
    }
    case 'int64 bigint':
    case 'int64 counter':
    case 'timestamp timestamp':
    case 'timestamp bigint': {
      const { words } = column as Int64Column
      if (words === undefined) return null
      return index => slab.int64(words[index * 2 + 1] as number, words[index * 2] as number)
    }
    case 'float64 double': {
      const { values } = column as Float64Column
      return index => slab.double(values[index] as number)
    }
    case 'boolean boolean':
      return index => slab.value((column as BooleanColumn).get(index) === true ? TRUE : FALSE)
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
