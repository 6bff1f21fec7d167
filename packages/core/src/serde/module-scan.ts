/**
 * A batch of records read by a module of WebAssembly: its bytes go into the module's memory,
 * columns come out.
 *
 * The module gives the numbers of the records that it refused, whose cells are of no meaning yet:
 * anything unusual is a reason. Where many are refused, it rests for some batches, so that topics
 * of unusual records cost no more than without it.
 *
 *   memory = table | refused i32[] | starts i32[] | sizes i32[]
 *            | of each column read: values, sizes of text and bytes, bitmap of what is present,
 *              an i32 that says whether any is not
 *            | bytes of the batch | 64 zeros
 */
import type { DataType } from '../schema/data-type.ts'
import { bitmapBytes } from '../util/bitmap.ts'
import { WasmModule } from '../util/wasm-module.ts'
import type { ByteRanges } from './serde.ts'

/** @internal Where the cells of a column lie in memory. */
export interface CellsPlace {
  readonly values: number
  /** Of text and bytes; 0 = none. */
  readonly sizes: number
  readonly present: number
  readonly hadNulls: number
}

/** @internal Where a batch lies in memory. */
export interface BatchPlace {
  readonly count: number
  /** Where position 0 of the batch's data would be. */
  readonly base: number
  /** Where the bytes of the records begin and end. */
  readonly low: number
  readonly high: number
  readonly starts: number
  readonly sizes: number
  readonly refused: number
}

/** @internal What a module reads records by. */
export interface ScanTable {
  /** What stands at the beginning of the memory that is free. */
  readonly bytes: Buffer
  /** The columns that are read, by their place in the batch. */
  readonly columns: readonly { readonly column: number; readonly type: DataType }[]
  /** Has the table lead to where the cells of each of `columns` are. */
  point(places: readonly CellsPlace[]): void
  /**
   * Has the module read a batch.
   * @param head bytes in front of each record that are not read
   * @returns how many records it refused
   */
  scan(batch: BatchPlace, head: number): number
}

/** @internal The cells of a column of numbers, text, bytes or booleans. */
export interface ModuleCells {
  readonly values: NodeJS.TypedArray
  readonly size?: Int32Array
  readonly present: Uint8Array
  hasNulls: boolean
}

interface Layout {
  readonly count: number
  readonly refused: number
  readonly starts: number
  readonly sizes: number
  readonly cells: readonly CellsPlace[]
  readonly data: number
}

const ZEROS_BYTES = 64
/** Smaller batches cost less in generated code: to hand one over takes some microseconds. */
const RECORDS_MIN = 32
/** Batches that are not scanned here after one of which more than a quarter was refused. */
const REST_BATCHES = 63
const REFUSED_PART_MAX = 1 / 4

/** @internal */
export class ModuleScan {
  readonly #memory: WasmModule
  readonly #table: ScanTable
  readonly #recordsMin: number
  #layout: Layout | null = null
  #rest = 0

  constructor(memory: WasmModule, table: ScanTable, recordsMin: number = RECORDS_MIN) {
    this.#memory = memory
    this.#table = table
    this.#recordsMin = recordsMin
  }

  /**
   * Fills the cells of all records but those whose numbers it gives, ascending; null: it did
   * nothing.
   * @param cells of all columns of a batch, whose first `ranges.count` records are read; those of
   * the table's columns are `ModuleCells`
   * @param head bytes in front of each record that are not read
   */
  scan(ranges: ByteRanges, cells: readonly object[], head: number = 0): Int32Array | null {
    const { count, data, start, size } = ranges
    if (count < this.#recordsMin) return null
    if (this.#rest > 0) {
      this.#rest--
      return null
    }
    const [from, to] = extent(ranges)
    const layout = this.#layoutOf(count)
    const { refused, starts, sizes, data: low } = layout
    const high = low + to - from
    const bytes = this.#memory.atLeast(high + ZEROS_BYTES)
    if (bytes === null) return null
    bytes.set(this.#table.bytes, WasmModule.FREE_FROM)
    bytes.set(bytesOf(start, count), starts)
    bytes.set(bytesOf(size, count), sizes)
    this.#empty(bytes, layout)
    bytes.set(data.subarray(from, to), low)
    bytes.fill(0, high, high + ZEROS_BYTES)
    const base = low - from
    const left = this.#table.scan({ count, base, low, high, starts, sizes, refused }, head)
    for (const [i, { column, type }] of this.#table.columns.entries()) {
      take(bytes, layout.cells[i] as CellsPlace, cells[column] as ModuleCells, type, count)
    }
    if (left > count * REFUSED_PART_MAX) this.#rest = REST_BATCHES
    return new Int32Array(bytes.buffer, refused, left).slice()
  }

  /** What is written a bit at a time. */
  #empty(bytes: Buffer, { count, cells }: Layout): void {
    const size = bitmapBytes(count)
    for (const [i, { values, present, hadNulls }] of cells.entries()) {
      bytes.fill(0xff, present, present + size)
      bytes.fill(0, hadNulls, hadNulls + 4)
      const isBits = this.#table.columns[i]?.type.kind === 'boolean'
      if (isBits) bytes.fill(0, values, values + size)
    }
  }

  #layoutOf(count: number): Layout {
    if (this.#layout?.count === count) return this.#layout
    const types = this.#table.columns.map(({ type }) => type)
    const layout = layoutOf(types, WasmModule.FREE_FROM + this.#table.bytes.length, count)
    this.#table.point(layout.cells)
    this.#layout = layout
    return layout
  }
}

function layoutOf(types: readonly DataType[], from: number, count: number): Layout {
  let at = from
  const room = (bytes: number): number => {
    const place = at
    at += Math.ceil(bytes / 8) * 8
    return place
  }
  const [refused, starts, sizes] = [room(4 * count), room(4 * count), room(4 * count)]
  const cells = types.map(type => ({
    values: room(valueBytes(type, count)),
    sizes: hasSizes(type) ? room(4 * count) : 0,
    present: room(bitmapBytes(count)),
    hadNulls: room(4),
  }))
  return { count, refused, starts, sizes, cells, data: at }
}

function hasSizes({ kind }: DataType): boolean {
  return kind === 'string' || kind === 'bytes'
}

function valueBytes(type: DataType, count: number): number {
  if (type.kind === 'boolean') return bitmapBytes(count)
  return hasSizes(type) || type.kind === 'int32' ? 4 * count : 8 * count
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

function take(
  bytes: Buffer,
  place: CellsPlace,
  cells: ModuleCells,
  type: DataType,
  count: number,
): void {
  copy(bytes, place.values, cells.values, valueBytes(type, count))
  if (cells.size !== undefined && place.sizes !== 0) copy(bytes, place.sizes, cells.size, 4 * count)
  if (bytes.readInt32LE(place.hadNulls) === 0) return
  cells.hasNulls = true
  copy(bytes, place.present, cells.present, bitmapBytes(count))
}

function copy(bytes: Buffer, at: number, into: NodeJS.TypedArray, size: number): void {
  new Uint8Array(into.buffer, into.byteOffset, size).set(bytes.subarray(at, at + size))
}

function bytesOf(array: Int32Array, count: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, count * 4)
}
