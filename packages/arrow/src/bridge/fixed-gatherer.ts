/**
 * Cells of a fixed size of one Arrow column: numbers and times as words, booleans as bits.
 *
 * Cells that are neighbours in the batch are copied as a block, others one by one; where a cell is
 * null its slot holds what the batch has there.
 */
import {
  type BooleanColumn,
  bitmapBytes,
  type Column,
  type Float64Column,
  getBit,
  type Int32Column,
  setBit,
} from '@millrace/core'
import type { BufferPool } from './buffer-pool.ts'
import type { Gathered, Gatherer } from './gatherer.ts'
import { Validity } from './validity.ts'

const INITIAL_CELLS = 64

/** Cells of 4, 8 or 16 bytes, as words of 4: a double keeps its bits, and no bigint is made. */
export class WordsGatherer implements Gatherer {
  readonly #width: 1 | 2 | 4
  readonly #validity = new Validity()
  readonly #pool: BufferPool
  #length = 0
  #words: Int32Array<ArrayBuffer>

  constructor(width: 1 | 2 | 4, pool: BufferPool) {
    this.#width = width
    this.#pool = pool
    this.#words = new Int32Array(pool.take(INITIAL_CELLS * width * 4))
  }

  get size(): number {
    return this.#length * this.#width * 4
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const { values } = column as Int32Column | Float64Column
    const width = this.#width
    const source = new Int32Array(values.buffer, values.byteOffset, column.length * width)
    const length = this.#length
    this.#reserve(length + to - from)
    this.#validity.append(column, indices, { from, to, length })
    const words = this.#words
    const first = indices[from] as number
    let at = length * width
    if (areNeighbours(indices, from, to)) {
      words.set(source.subarray(first * width, (first + to - from) * width), at)
    } else if (width === 1) {
      for (let nth = from; nth < to; nth++) words[at++] = source[indices[nth] as number] as number
    } else if (width === 2) {
      for (let nth = from; nth < to; nth++) {
        const index = (indices[nth] as number) * 2
        words[at++] = source[index] as number
        words[at++] = source[index + 1] as number
      }
    } else {
      for (let nth = from; nth < to; nth++) {
        const index = (indices[nth] as number) * width
        for (let word = 0; word < width; word++) words[at++] = source[index + word] as number
      }
    }
    this.#length = length + to - from
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
    this.#length = length
  }

  take(): Gathered {
    const length = this.#length
    const { nullCount } = this.#validity
    const validity = this.#validity.take(length)
    const values = this.#words.subarray(0, length * this.#width)
    // The next ones are likely to be as many.
    this.#words = new Int32Array(this.#pool.take(values.byteLength))
    this.#length = 0
    return { length, nullCount, validity, values }
  }

  #reserve(length: number): void {
    const size = length * this.#width
    if (size <= this.#words.length) return
    const grown = new Int32Array(this.#pool.take(size * 4))
    grown.set(this.#words.subarray(0, this.#length * this.#width))
    this.#pool.giveBack(this.#words.buffer)
    this.#words = grown
  }
}

/** Booleans: a bit each. */
export class BitsGatherer implements Gatherer {
  readonly #validity = new Validity()
  #length = 0
  #bits = new Uint8Array(INITIAL_CELLS)

  get size(): number {
    return bitmapBytes(this.#length)
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const { bits: source } = column as BooleanColumn
    const length = this.#length
    const bytes = bitmapBytes(length + to - from)
    if (bytes > this.#bits.length) {
      const grown = new Uint8Array(Math.max(this.#bits.length * 2, bytes))
      grown.set(this.#bits)
      this.#bits = grown
    }
    this.#validity.append(column, indices, { from, to, length })
    for (let nth = from; nth < to; nth++) {
      if (getBit(source, indices[nth] as number)) setBit(this.#bits, length + nth - from)
    }
    this.#length = length + to - from
  }

  truncate(length: number): void {
    this.#validity.truncate(length)
    this.#bits.fill(0, bitmapBytes(length))
    const last = bitmapBytes(length) - 1
    if (length % 8 !== 0)
      this.#bits[last] = (this.#bits[last] as number) & ((1 << (length % 8)) - 1)
    this.#length = length
  }

  take(): Gathered {
    const length = this.#length
    const { nullCount } = this.#validity
    const validity = this.#validity.take(length)
    const values = this.#bits.subarray(0, bitmapBytes(length))
    this.#bits = new Uint8Array(INITIAL_CELLS)
    this.#length = 0
    return { length, nullCount, validity, values }
  }
}

/** Of ascending indices: none is left out between the first and the last. */
function areNeighbours(indices: Int32Array, from: number, to: number): boolean {
  return to > from && (indices[to - 1] as number) - (indices[from] as number) === to - 1 - from
}
