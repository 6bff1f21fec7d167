/**
 * Cells written from the arrays of their column, without a JavaScript value in between; columns
 * and types for which there is no such form are written value by value.
 */
import {
  BooleanColumn,
  BytesColumn,
  type Column,
  Float64Column,
  getBit,
  Int32Column,
  Int64Column,
  StringColumn,
} from '@millrace/core'
import type { AvroType, UnionType } from '../avro-schema/avro-type.ts'
import { unitsPerMs } from './time.ts'
import type { ValueBuffer } from './value-buffer.ts'
import { ValueFault } from './value-fault.ts'
import { nullableOf } from './value-form.ts'
import type { WriteValue } from './value-writer.ts'

/** Writes the cell at an index. */
export type WriteCell = (index: number, out: ValueBuffer) => void

/**
 * A writer for the cells of one column of one batch.
 * @param write the clear version: the writer of values of the type.
 */
export function cellWriter(column: Column, type: AvroType, write: WriteValue): WriteCell {
  const clear: WriteCell = (index, out) => write(column.get(index), out)
  const inner = type.kind === 'union' ? nullableOf(type) : type
  if (inner === null) return clear
  const direct = directWriter(column, inner)
  if (direct === null) return clear
  if (type.kind === 'union') return unionWriter(column, type, inner, direct)
  if (column.validity === null) return direct
  return (index, out) => {
    // The clear version says what is wrong with null.
    if (column.isNull(index)) clear(index, out)
    else direct(index, out)
  }
}

function unionWriter(
  column: Column,
  { branches }: UnionType,
  inner: AvroType,
  direct: WriteCell,
): WriteCell {
  const present = branches.indexOf(inner) * 2
  const absent = branches.findIndex(branch => branch.kind === 'null') * 2
  if (column.validity === null) {
    return (index, out) => {
      out.byte(present)
      direct(index, out)
    }
  }
  return (index, out) => {
    if (column.isNull(index)) {
      if (absent < 0) throw new ValueFault('a value', 'null')
      out.byte(absent)
    } else {
      out.byte(present)
      direct(index, out)
    }
  }
}

/** For cells that are not null. */
function directWriter(column: Column, type: AvroType): WriteCell | null {
  if (column instanceof Int32Column) return int32Writer(column, type)
  if (column instanceof Int64Column) return int64Writer(column, type)
  if (column instanceof Float64Column && type.kind === 'double') {
    const { values } = column
    return (index, out) => out.double(values[index] as number)
  }
  if (column instanceof BooleanColumn && type.kind === 'boolean') {
    const { bits } = column
    return (index, out) => out.byte(getBit(bits, index) ? 1 : 0)
  }
  const isText = column instanceof StringColumn && type.kind === 'string' && type.logical === null
  const isBytes = column instanceof BytesColumn && type.kind === 'bytes' && type.logical === null
  if (!isText && !isBytes) return null
  const { data, start, size } = column as StringColumn | BytesColumn
  return (index, out) => {
    const length = size[index] as number
    out.int(length)
    out.range(data, start[index] as number, length)
  }
}

function int32Writer({ values }: Int32Column, type: AvroType): WriteCell | null {
  switch (type.kind) {
    case 'int':
    case 'long':
      return (index, out) => out.int(values[index] as number)
    case 'double':
      return (index, out) => out.double(values[index] as number)
    default:
      return null
  }
}

function int64Writer(column: Int64Column, type: AvroType): WriteCell | null {
  if (type.kind !== 'long') return null
  const { words } = column
  const units = column.type.kind === 'timestamp' ? unitsPerMs(type.logical) : 1n
  if (units !== 1n) {
    return (index, out) => {
      const value = BigInt(column.number(index)) * units
      if (BigInt.asIntN(64, value) !== value) {
        throw new ValueFault('a time that fits 64 bits', `${column.number(index)} ms`)
      }
      out.bigint(value)
    }
  }
  return (index, out) => out.long(words[2 * index] as number, words[2 * index + 1] as number)
}
