/**
 * The columns of a batch from Arrow's buffers: as they are where the layouts agree, else in one
 * loop over typed arrays. No cell of an Arrow vector is asked for.
 *
 * What is not in a frame's types is given the nearest: sub-millisecond parts of times are cut off
 * towards the past, decimals of more than 38 digits are text, maps and unions are JSON values.
 */
import {
  BooleanColumn,
  BytesColumn,
  type CellValue,
  type Column,
  type DataType as ColumnType,
  columnOf,
  DecimalColumn,
  Float64Column,
  getBit,
  Int32Column,
  Int64Column,
  JsonColumn,
  ListColumn,
  StringColumn,
  StructColumn,
  t,
} from '@millrace/core'
import {
  type Data,
  DataType,
  type Decimal,
  type Float,
  type Int,
  Precision,
  Type,
  util,
  type Vector,
} from 'apache-arrow'
import { Fault } from '../ipc/fault.ts'
import { bytesRanges } from './bytes-ranges.ts'
import { converted } from './converted.ts'
import { decimalTexts } from './decimal-texts.ts'
import { nestedCells } from './nested-cells.ts'
import { timesOf } from './times-of.ts'

/**
 * @param type as `rowSchema` allows for the field
 * @throws Fault when a value does not fit the type.
 */
export function columnOfData(data: Data, type: ColumnType): Column {
  const natural = naturalColumn(data, type)
  return natural.type === type ? natural : converted(natural, type)
}

function naturalColumn(data: Data, type: ColumnType): Column {
  const validity = validityOf(data)
  switch (data.type.typeId) {
    case Type.Int:
      return integers(data, type, validity)
    case Type.Float:
      return new Float64Column(fits(type, 'float64'), doubles(data), validity)
    case Type.Bool: {
      const bits = data.values as Uint8Array
      return new BooleanColumn(fits(type, 'boolean'), data.length, bits, validity)
    }
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return new StringColumn(fits(type, 'string'), bytesRanges(data), validity)
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return new BytesColumn(fits(type, 'bytes'), bytesRanges(data), validity)
    case Type.Date:
    case Type.Timestamp:
      return new Int64Column(fits(type, 'timestamp'), timesOf(data, validity), validity)
    case Type.Time:
    case Type.Duration: {
      const is32 = (data.values as ArrayBufferView).byteLength === data.values.length * 4
      return is32
        ? new Int32Column(
            fits(type, 'int32'),
            (data.values as Int32Array).subarray(0, data.length),
            validity,
          )
        : int64Column(words64(data), type, validity)
    }
    case Type.Decimal:
      return decimals(data, type, validity)
    case Type.Dictionary:
      return ofDictionary(data, type, validity)
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      if (type.kind === 'list') return lists(data, type, validity)
      break
    case Type.Struct:
      if (type.kind === 'struct') {
        const columns = type.fields.map((field, i) =>
          columnOfData(data.children[i] as Data, field.type),
        )
        return new StructColumn(type, data.length, columns, validity)
      }
  }
  return new JsonColumn(fits(type, 'json'), nestedCells(data, childColumn))
}

function lists(data: Data, type: ColumnType, validity: Uint8Array | null): Column {
  const items = columnOfData(data.children[0] as Data, type.item as ColumnType)
  const offsets = new Int32Array(data.length + 1)
  if (DataType.isFixedSizeList(data.type)) {
    for (let i = 0; i <= data.length; i++) offsets[i] = i * data.type.listSize
    return new ListColumn(type, offsets, items, validity)
  }
  const { valueOffsets } = data as unknown as { valueOffsets: Int32Array | BigInt64Array }
  if (valueOffsets instanceof Int32Array && valueOffsets.length > data.length) {
    return new ListColumn(type, valueOffsets.subarray(0, data.length + 1), items, validity)
  }
  // Of no list there may be no offset.
  for (let i = 0; i < Math.min(valueOffsets.length, data.length + 1); i++) {
    offsets[i] = Number(valueOffsets[i])
  }
  return new ListColumn(type, offsets, items, validity)
}

/** The column of a list's or struct's cells. */
function childColumn(data: Data): Column {
  return naturalColumn(data, t.json().nullable())
}

/** The wanted type where it is of this kind, else the type that is converted later. */
function fits(type: ColumnType, kind: NaturalKind): ColumnType {
  if (type.kind === kind) return type
  return KINDS[kind]().nullable()
}

type NaturalKind = Exclude<ColumnType['kind'], 'decimal' | 'list' | 'struct'>

const KINDS: { readonly [K in NaturalKind]: () => ColumnType } = t

function validityOf({ nullCount, nullBitmap, length, type }: Data): Uint8Array | null {
  if (DataType.isNull(type)) return new Uint8Array(Math.ceil(length / 8))
  return nullCount > 0 ? nullBitmap : null
}

/** As they are laid out; where they are wanted as something else, as text. */
function decimals(data: Data, type: ColumnType, validity: Uint8Array | null): Column {
  const { precision, scale } = data.type as Decimal
  const isWanted = type.kind === 'decimal' && type.precision === precision && type.scale === scale
  if (!isWanted || data.stride !== 4) {
    const texts = decimalTexts(data, validity)
    return columnOf(type.kind === 'decimal' ? type : fits(type, 'string'), texts)
  }
  const { buffer, byteOffset } = data.values as Uint32Array
  const values = new BigInt64Array(buffer as ArrayBuffer, byteOffset, data.length * 2)
  const column = new DecimalColumn(type, values, validity)
  requireDigits(column)
  return column
}

/** Files may hold more digits than they say. */
function requireDigits(column: DecimalColumn): void {
  const { precision } = column.type
  const limit = 10n ** BigInt(precision)
  for (let i = 0; i < column.length; i++) {
    if (column.isNull(i)) continue
    const number = column.number(i)
    const units = Number.isNaN(number) ? column.unscaled(i) : number
    if (units < limit && units > -limit) continue
    throw new Fault(`a decimal has more than its ${precision} digits`)
  }
}

function integers(data: Data, type: ColumnType, validity: Uint8Array | null): Column {
  const { bitWidth, isSigned } = data.type as Int
  const values = data.values.subarray(0, data.length)
  if (bitWidth < 32 || (bitWidth === 32 && isSigned)) {
    const cells = values instanceof Int32Array ? values : Int32Array.from(values as Int8Array)
    return new Int32Column(fits(type, 'int32'), cells, validity)
  }
  if (bitWidth === 32) {
    const words = new Int32Array(data.length * 2)
    for (let i = 0; i < data.length; i++) words[i * 2] = (values as Uint32Array)[i] as number
    return int64Column(new BigInt64Array(words.buffer), type, validity)
  }
  const cells = words64(data)
  if (!isSigned) requireSmall(cells, validity)
  return int64Column(cells, type, validity)
}

function int64Column(cells: BigInt64Array, type: ColumnType, validity: Uint8Array | null): Column {
  const column = new Int64Column(fits(type, 'int64'), cells, validity)
  if (type.kind === 'int64' && type.as === 'number') requireSafe(column)
  return column
}

function words64({ values, length }: Data): BigInt64Array {
  const { buffer, byteOffset } = values as BigInt64Array
  return new BigInt64Array(buffer as ArrayBuffer, byteOffset, length)
}

function requireSmall(cells: BigInt64Array, validity: Uint8Array | null): void {
  const words = new Int32Array(cells.buffer, cells.byteOffset, cells.length * 2)
  for (let i = 0; i < cells.length; i++) {
    if ((words[i * 2 + 1] as number) >= 0 || (validity !== null && !getBit(validity, i))) continue
    throw new Fault('a uint64 is above 2^63 - 1, which int64 does not hold')
  }
}

function requireSafe(column: Int64Column): void {
  for (let i = 0; i < column.length; i++) {
    if (column.isNull(i) || Number.isSafeInteger(column.number(i))) continue
    throw new Fault('a whole number is beyond 2^53 - 1; read the column as bigint')
  }
}

function doubles({ type, values, length }: Data): Float64Array {
  const { precision } = type as Float
  if (precision === Precision.DOUBLE) return (values as Float64Array).subarray(0, length)
  const cells = new Float64Array(length)
  if (precision === Precision.SINGLE) cells.set((values as Float32Array).subarray(0, length))
  else for (let i = 0; i < length; i++) cells[i] = util.uint16ToFloat64(values[i] as number)
  return cells
}

/** Text of a dictionary stays where it is: only its ranges are looked up. */
function ofDictionary(data: Data, type: ColumnType, validity: Uint8Array | null): Column {
  const values = dictionaryColumn(data.dictionary as Vector, type)
  const numbers = data.values as Int32Array
  const indexOf = (i: number): number => Number(numbers[i])
  if (!(values instanceof StringColumn || values instanceof BytesColumn)) {
    const cells = Array.from(
      { length: data.length },
      (_, i): CellValue =>
        validity !== null && !getBit(validity, i) ? null : values.get(indexOf(i)),
    )
    return columnOf(values.type, cells)
  }
  const start = new Int32Array(data.length)
  const size = new Int32Array(data.length)
  const present = values.validity === null ? validity : new Uint8Array(Math.ceil(data.length / 8))
  for (let i = 0; i < data.length; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const index = indexOf(i)
    start[i] = values.start[index] as number
    size[i] = values.size[index] as number
    if (values.validity !== null && present !== null && !values.isNull(index)) {
      present[i >>> 3] = (present[i >>> 3] as number) | (1 << (i & 7))
    }
  }
  const ranges = { data: values.data, start, size }
  return values instanceof StringColumn
    ? new StringColumn(values.type, ranges, present)
    : new BytesColumn(values.type, ranges, present)
}

const dictionaryColumns = new WeakMap<Vector, Map<ColumnType, Column>>()

/** Once for all batches that use it. */
function dictionaryColumn(dictionary: Vector, type: ColumnType): Column {
  const known = dictionaryColumns.get(dictionary) ?? new Map<ColumnType, Column>()
  dictionaryColumns.set(dictionary, known)
  const before = known.get(type)
  if (before !== undefined) return before
  const parts = dictionary.data.map(data => naturalColumn(data, type))
  const [first, ...others] = parts
  const column =
    first !== undefined && others.length === 0
      ? first
      : columnOf(
          first?.type ?? type,
          parts.flatMap(part => Array.from({ length: part.length }, (_, i) => part.get(i))),
        )
  known.set(type, column)
  return column
}
