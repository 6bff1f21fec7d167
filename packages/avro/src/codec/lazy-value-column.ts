/**
 * A json column whose cells are bytes of the batch that have been checked; a value is made when it
 * is asked for, and kept, so that it is the same object each time.
 */
import { type CellValue, type DataType, JsonColumn } from '@millrace/core'
import { Cursor } from './cursor.ts'
import type { ValueReader } from './value-reader.ts'

/** Cell i is read by `readers[by[i]]` from `data[start[i], start[i] + size[i])`. */
export interface ValueRanges {
  readonly data: Buffer
  readonly start: Int32Array
  readonly size: Int32Array
  readonly by: Int32Array
  readonly readers: readonly ValueReader[]
}

const cursor: Cursor = new Cursor()

export class LazyValueColumn extends JsonColumn {
  readonly #ranges: ValueRanges
  readonly #known: (CellValue | undefined)[]

  /** @param known cells that are not in the bytes, by index; the column keeps and fills it. */
  constructor(type: DataType, ranges: ValueRanges, known: (CellValue | undefined)[]) {
    super(type, known as CellValue[])
    this.#ranges = ranges
    this.#known = known
  }

  override get values(): readonly CellValue[] {
    return Array.from(this.#known, (_, index) => this.get(index))
  }

  override isNull(index: number): boolean {
    return this.get(index) === null
  }

  override get(index: number): CellValue {
    const known = this.#known[index]
    if (known !== undefined) return known
    const { data, start, size, by, readers } = this.#ranges
    const from = start[index] as number
    const reader = readers[by[index] as number] as ValueReader
    cursor.openChecked(data, from, from + (size[index] as number))
    const value = reader.read(cursor) as CellValue
    this.#known[index] = value
    return value
  }
}
