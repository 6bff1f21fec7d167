/**
 * Lists and structs of one Arrow column: what is in them goes into the gatherers of its types, and
 * of lists where each ends.
 */
import type { Column, ListColumn, StructColumn } from '@millrace/core'
import type { Gathered, Gatherer } from './gatherer.ts'
import { Validity } from './validity.ts'

const INITIAL_CELLS = 64
/** Offsets are 32 bits. */
const ITEMS_MAX = 0x7fff_ffff

export class ListGatherer implements Gatherer {
  readonly #items: Gatherer
  readonly #validity = new Validity()
  #length = 0
  #offsets = new Int32Array(INITIAL_CELLS + 1)

  constructor(items: Gatherer) {
    this.#items = items
  }

  get size(): number {
    return this.#items.size + this.#length * 4
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const { offsets: source, items } = column as ListColumn
    const length = this.#length
    this.#reserve(to - from)
    this.#validity.append(column, indices, { from, to, length })
    let end = this.#offsets[length] as number
    const first = end
    for (let nth = from; nth < to; nth++) {
      const index = indices[nth] as number
      const isThere = column.validity === null || !column.isNull(index)
      if (isThere) end += (source[index + 1] as number) - (source[index] as number)
      if (end > ITEMS_MAX)
        throw new RangeError('lists of more than 2^31 elements in a record batch')
      this.#offsets[length + nth - from + 1] = end
    }
    const wanted = new Int32Array(end - first)
    let at = 0
    for (let nth = from; nth < to; nth++) {
      const index = indices[nth] as number
      if (column.validity !== null && column.isNull(index)) continue
      for (let i = source[index] as number; i < (source[index + 1] as number); i++) wanted[at++] = i
    }
    this.#items.append(items, wanted, 0, wanted.length)
    this.#length = length + to - from
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
    this.#length = length
    this.#items.truncate(this.#offsets[length] as number)
  }

  take(): Gathered {
    const length = this.#length
    const { nullCount } = this.#validity
    const validity = this.#validity.take(length)
    const offsets = this.#offsets.subarray(0, length + 1)
    this.#offsets = new Int32Array(INITIAL_CELLS + 1)
    this.#length = 0
    return { length, nullCount, validity, offsets, children: [this.#items.take()] }
  }

  #reserve(count: number): void {
    const needed = this.#length + count + 1
    if (needed <= this.#offsets.length) return
    const grown = new Int32Array(Math.max(this.#offsets.length * 2, needed))
    grown.set(this.#offsets)
    this.#offsets = grown
  }
}

export interface StructPart {
  readonly isNullable: boolean
  readonly cells: Gatherer
}

export class StructGatherer implements Gatherer {
  readonly #parts: readonly StructPart[]
  readonly #validity = new Validity()
  #length = 0

  constructor(parts: readonly StructPart[]) {
    this.#parts = parts
  }

  get size(): number {
    return this.#parts.reduce((size, { cells }) => size + cells.size, 0)
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const { columns } = column as StructColumn
    const length = this.#length
    this.#validity.append(column, indices, { from, to, length })
    for (let i = 0; i < columns.length; i++) {
      this.#parts[i]?.cells.append(columns[i] as Column, indices, from, to)
    }
    this.#length = length + to - from
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
    for (const { cells } of this.#parts) cells.truncate(length)
    this.#length = length
  }

  take(): Gathered {
    const length = this.#length
    const { nullCount } = this.#validity
    const validity = this.#validity.take(length)
    this.#length = 0
    return { length, nullCount, validity, children: this.#parts.map(taken) }
  }
}

/** What is never null has no nulls where its struct is null either: a slot that nobody looks at. */
function taken({ isNullable, cells }: StructPart): Gathered {
  const gathered = cells.take()
  return isNullable ? gathered : { ...gathered, nullCount: 0, validity: new Uint8Array(0) }
}
