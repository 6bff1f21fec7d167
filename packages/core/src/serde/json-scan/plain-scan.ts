/**
 * The scan of plain records in WebAssembly: the batch goes into its memory, columns come out.
 *
 * It gives the numbers of the records that it refused, whose cells are of no meaning yet: anything
 * unusual is a reason (wasm/record-scan.ts). Where many are refused, it rests for some batches, so
 * that topics of unusual records cost no more than without it.
 *
 *   memory = fields | refused i32[] | starts i32[] | sizes i32[]
 *            | of each column read: values, sizes of strings, bitmap of what is present
 *            | bytes of the batch | 64 zeros
 *
 * Perf: records of 134 bytes with six fields, one or all of them read, take 0.4 of the time of the
 * generated scan, with the copies in and out (the kernels of benchmark `micro`, in turns).
 */
import type { DataType } from '../../schema/data-type.ts'
import { bitmapBytes } from '../../util/bitmap.ts'
import type { ByteRanges } from '../serde.ts'
import type { FieldPlan } from './field-values.ts'
import type {
  AnyScanCells,
  BooleanCells,
  Float64Cells,
  Int32Cells,
  Int64Cells,
  StringCells,
} from './scan-cells.ts'
import type { ScanMemory } from './scan-memory.ts'

type PlainCells = BooleanCells | Float64Cells | Int32Cells | Int64Cells | StringCells

/** Where the cells of a column lie. */
interface ColumnPlace {
  readonly field: number
  readonly column: number
  readonly values: number
  /** Of strings; 0 = none. */
  readonly sizes: number
  readonly present: number
}

/** Where everything lies for batches of so many records. */
interface Layout {
  readonly count: number
  readonly refused: number
  readonly starts: number
  readonly sizes: number
  readonly columns: readonly ColumnPlace[]
  readonly data: number
}

/** Of a field in the table of fields. */
const FIELD_BYTES = 112
const NAME_AT = 48
const NAME_BYTES_MAX = 32
const FIELDS_MAX = 64
const ZEROS_BYTES = 64
/** Smaller batches cost less in generated code: to hand one over takes some microseconds. */
const RECORDS_MIN = 32
/** Batches that are not scanned here after one of which more than a quarter was refused. */
const REST_BATCHES = 63
const REFUSED_PART_MAX = 1 / 4

const KINDS = ['string', 'boolean', 'int32', 'int64', 'safe', 'float64', 'milliseconds']

/** The number of the kind in record-scan.ts; -1 = it is not read there. */
function kindOf(type: DataType): number {
  if (type.kind === 'int64') return KINDS.indexOf(type.as === 'number' ? 'safe' : 'int64')
  if (type.kind !== 'timestamp') return KINDS.indexOf(type.kind)
  return type.unit === undefined || type.unit === 'ms' ? KINDS.indexOf('milliseconds') : -1
}

/** The name as it stands in a record; null when it has escapes. */
function nameOf({ name }: FieldPlan): Buffer | null {
  return JSON.stringify(name) === `"${name}"` ? Buffer.from(`"${name}":`) : null
}

function isPlain(field: FieldPlan): boolean {
  const name = nameOf(field)
  return name !== null && name.length <= NAME_BYTES_MAX && kindOf(field.type) >= 0
}

/** Null: some of the fields cannot be scanned so. */
export function plainScan(
  fields: readonly FieldPlan[],
  memory: ScanMemory,
  recordsMin: number = RECORDS_MIN,
): PlainScan | null {
  if (fields.length === 0 || fields.length > FIELDS_MAX || !fields.every(isPlain)) return null
  return new PlainScan(fields, memory, recordsMin)
}

export class PlainScan {
  readonly #memory: ScanMemory
  readonly #fields: readonly FieldPlan[]
  readonly #table: Buffer
  readonly #recordsMin: number
  #layout: Layout | null = null
  #rest = 0

  constructor(fields: readonly FieldPlan[], memory: ScanMemory, recordsMin: number) {
    this.#memory = memory
    this.#recordsMin = recordsMin
    this.#fields = fields
    this.#table = tableOf(fields, memory.start)
  }

  /**
   * Fills the cells of all records but those whose numbers it gives, ascending; null: it did
   * nothing.
   */
  scan(ranges: ByteRanges, cells: readonly AnyScanCells[]): Int32Array | null {
    const { count, data, start, size } = ranges
    if (count < this.#recordsMin) return null
    if (this.#rest > 0) {
      this.#rest--
      return null
    }
    const [low, high] = extent(ranges)
    const layout = this.#layoutOf(count)
    const end = layout.data + high - low
    const bytes = this.#memory.atLeast(end + ZEROS_BYTES)
    if (bytes === null) return null
    const table = this.#memory.start
    bytes.set(this.#table, table)
    bytes.set(bytesOf(start, count), layout.starts)
    bytes.set(bytesOf(size, count), layout.sizes)
    this.#empty(bytes, layout, cells)
    bytes.set(data.subarray(low, high), layout.data)
    bytes.fill(0, end, end + ZEROS_BYTES)
    const { starts, sizes, refused } = layout
    const base = layout.data - low
    const fields = this.#fields.length
    const { scan } = this.#memory
    const left = scan(table, fields, base, layout.data, end, starts, sizes, count, refused)
    for (const place of layout.columns) this.#take(bytes, place, cells[place.column] as PlainCells)
    if (left > count * REFUSED_PART_MAX) this.#rest = REST_BATCHES
    return new Int32Array(bytes.buffer, refused, left).slice()
  }

  /** What is written a bit at a time. */
  #empty(bytes: Buffer, { columns }: Layout, cells: readonly AnyScanCells[]): void {
    for (const { column, field, values, present } of columns) {
      const { present: bitmap } = cells[column] as PlainCells
      bytes.fill(0xff, present, present + bitmap.length)
      const isBits = (this.#fields[field] as FieldPlan).type.kind === 'boolean'
      if (isBits) bytes.fill(0, values, values + bitmap.length)
    }
  }

  #take(bytes: Buffer, place: ColumnPlace, cells: PlainCells): void {
    take(bytes, place.values, cells.values)
    if (place.sizes !== 0) take(bytes, place.sizes, (cells as StringCells).size)
    if (bytes.readInt32LE(this.#memory.start + place.field * FIELD_BYTES + 24) === 0) return
    cells.hasNulls = true
    take(bytes, place.present, cells.present)
  }

  /** The fields in the table point to where the layout says. */
  #layoutOf(count: number): Layout {
    if (this.#layout?.count === count) return this.#layout
    const layout = layoutOf(this.#fields, this.#memory.start + this.#table.length, count)
    for (const { field, values, sizes, present } of layout.columns) {
      const head = field * FIELD_BYTES
      this.#table.writeInt32LE(values, head + 12)
      this.#table.writeInt32LE(sizes, head + 16)
      this.#table.writeInt32LE(present, head + 20)
    }
    this.#layout = layout
    return layout
  }
}

function tableOf(fields: readonly FieldPlan[], start: number): Buffer {
  const table = Buffer.alloc(fields.length * FIELD_BYTES)
  for (const [position, field] of fields.entries()) {
    const head = position * FIELD_BYTES
    const name = nameOf(field) as Buffer
    table.writeInt32LE(kindOf(field.type), head)
    table.writeInt32LE(name.length, head + 4)
    table.writeInt32LE(field.type.isNullable ? 1 : 0, head + 8)
    const next = (position + 1) % fields.length
    table.writeInt32LE(start + next * FIELD_BYTES, head + 28)
    table.writeBigUInt64LE(1n << BigInt(position), head + 32)
    name.copy(table, head + NAME_AT)
    table.fill(0xff, head + NAME_AT + NAME_BYTES_MAX, head + NAME_AT + NAME_BYTES_MAX + name.length)
  }
  return table
}

function layoutOf(fields: readonly FieldPlan[], from: number, count: number): Layout {
  let at = from
  const room = (bytes: number): number => {
    const place = at
    at += Math.ceil(bytes / 8) * 8
    return place
  }
  const [refused, starts, sizes] = [room(4 * count), room(4 * count), room(4 * count)]
  const columns: ColumnPlace[] = []
  for (const [field, { type, column }] of fields.entries()) {
    if (column < 0) continue
    columns.push({
      field,
      column,
      values: room(valueBytes(type, count)),
      sizes: type.kind === 'string' ? room(4 * count) : 0,
      present: room(bitmapBytes(count)),
    })
  }
  return { count, refused, starts, sizes, columns, data: at }
}

function valueBytes({ kind }: DataType, count: number): number {
  if (kind === 'boolean') return bitmapBytes(count)
  return kind === 'string' || kind === 'int32' ? 4 * count : 8 * count
}

/** From the first record to the last that is not null: where all of them lie, as a rule. */
function extent({ count, data, start, size }: ByteRanges): readonly [number, number] {
  let from = 0
  let to = count - 1
  while (from < to && size[from]! < 0) from++
  while (to > from && size[to]! < 0) to--
  const low = start[from] ?? 0
  const high = (start[to] ?? 0) + (size[to] ?? 0)
  return low < 0 || high < low || high > data.length ? [0, 0] : [low, high]
}

function take(bytes: Buffer, at: number, into: NodeJS.TypedArray): void {
  bytesOf(into, into.length).set(bytes.subarray(at, at + into.byteLength))
}

function bytesOf(array: NodeJS.TypedArray, count: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, count * array.BYTES_PER_ELEMENT)
}
