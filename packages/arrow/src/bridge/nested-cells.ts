/**
 * Lists, structs, maps, unions and intervals as JSON values: the types that a frame has no column
 * for. The columns within are made first, by the same loops as any column; a cell is put together
 * from theirs.
 */
import { type CellValue, type Column, getBit } from '@millrace/core'
import {
  type Data,
  DataType,
  type FixedSizeList,
  type Interval,
  IntervalUnit,
  type Struct,
  type Union,
} from 'apache-arrow'

type CellAt = (index: number) => CellValue

/**
 * Lists, structs and what else has no column type of its own, as JSON values: arrays, objects;
 * maps are objects where their keys are text, else arrays of `{ key, value }`; intervals are
 * objects of their parts.
 * @param columnOf of the cells within.
 */
export function nestedCells(data: Data, columnOf: (data: Data) => Column): CellValue[] {
  const cellAt = cellsOf(data, columnOf)
  const { length, nullBitmap, type } = data
  // Columns of unions and of nulls have no bitmap.
  const hasNulls = data.nullCount > 0 && !DataType.isUnion(type) && !DataType.isNull(type)
  return Array.from({ length }, (_, i) => (hasNulls && !getBit(nullBitmap, i) ? null : cellAt(i)))
}

function cellsOf(data: Data, columnOf: (data: Data) => Column): CellAt {
  const { type, children } = data
  if (DataType.isNull(type)) return () => null
  if (DataType.isStruct(type)) return structs(type as Struct, children.map(columnOf))
  if (DataType.isMap(type)) return maps(data, columnOf)
  if (DataType.isUnion(type)) return unions(data, children.map(columnOf))
  if (DataType.isInterval(type)) return intervals(data)
  const cells = columnOf(children[0] as Data)
  if (DataType.isFixedSizeList(type)) {
    const { listSize } = type as FixedSizeList
    return i => slice(cells, i * listSize, (i + 1) * listSize)
  }
  const offsets = data.valueOffsets as Int32Array | BigInt64Array
  return i => slice(cells, Number(offsets[i]), Number(offsets[i + 1]))
}

function slice(cells: Column, start: number, end: number): CellValue[] {
  return Array.from({ length: end - start }, (_, i) => cells.get(start + i))
}

function structs({ children }: Struct, columns: readonly Column[]): CellAt {
  const names = children.map(({ name }) => name)
  return i => Object.fromEntries(names.map((name, c) => [name, columns[c]?.get(i) ?? null]))
}

function maps(data: Data, columnOf: (data: Data) => Column): CellAt {
  const [keys, values] = (data.children[0] as Data).children.map(columnOf) as [Column, Column]
  const offsets = data.valueOffsets as Int32Array
  const isText = keys.type.kind === 'string'
  return i => {
    const range = { start: offsets[i] as number, end: offsets[i + 1] as number }
    const entries = Array.from({ length: range.end - range.start }, (_, e) => {
      return [keys.get(range.start + e), values.get(range.start + e)] as const
    })
    return isText
      ? Object.fromEntries(entries as [string, CellValue][])
      : entries.map(([key, value]) => ({ key, value }))
  }
}

function unions(data: Data, columns: readonly Column[]): CellAt {
  const { typeIdToChildIndex } = data.type as Union
  const offsets = DataType.isDenseUnion(data.type) ? (data.valueOffsets as Int32Array) : null
  return i => {
    const column = columns[typeIdToChildIndex[data.typeIds[i] as number] as number]
    return column?.get(offsets === null ? i : (offsets[i] as number)) ?? null
  }
}

function intervals({ type, values, stride }: Data): CellAt {
  const words = values as Int32Array
  const { unit } = type as Interval
  if (unit === IntervalUnit.YEAR_MONTH) return i => ({ months: words[i] as number })
  if (unit === IntervalUnit.DAY_TIME) {
    return i => ({ days: words[i * 2] as number, milliseconds: words[i * 2 + 1] as number })
  }
  return i => {
    const at = i * stride
    const high = BigInt(words[at + 3] as number)
    const nanoseconds = (high << 32n) | BigInt((words[at + 2] as number) >>> 0)
    return { months: words[at] as number, days: words[at + 1] as number, nanoseconds }
  }
}
