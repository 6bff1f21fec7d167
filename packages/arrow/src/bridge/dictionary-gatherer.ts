/**
 * Texts as numbers of a dictionary that grows as they come, for columns of few different values.
 *
 * A text is looked up by its bytes, in a table of open addressing; no string is made. A dictionary
 * lives as long as the gatherer, over all record batches of a file.
 */
import type { Column, StringColumn } from '@millrace/core'
import type { BufferPool } from './buffer-pool.ts'
import { BytesGatherer } from './bytes-gatherer.ts'
import type { Gathered, Gatherer } from './gatherer.ts'
import { Validity } from './validity.ts'

const INITIAL_CELLS = 64
const INITIAL_SLOTS = 256

export class DictionaryGatherer implements Gatherer {
  readonly #validity = new Validity()
  #length = 0
  #numbers = new Int32Array(INITIAL_CELLS)
  readonly #pool: BufferPool
  #values: Values

  constructor(pool: BufferPool) {
    this.#pool = pool
    this.#values = new Values(pool)
  }

  get size(): number {
    return this.#length * 4 + this.#values.size
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const texts = column as StringColumn
    const length = this.#length
    if (length + to - from > this.#numbers.length) {
      const grown = new Int32Array(Math.max(this.#numbers.length * 2, length + to - from))
      grown.set(this.#numbers)
      this.#numbers = grown
    }
    this.#validity.append(column, indices, { from, to, length })
    for (let nth = from; nth < to; nth++) {
      const index = indices[nth] as number
      this.#numbers[length + nth - from] = texts.isNull(index)
        ? 0
        : this.#values.number(texts, index)
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
    const values = this.#numbers.subarray(0, length)
    this.#numbers = new Int32Array(INITIAL_CELLS)
    this.#length = 0
    return { length, nullCount, validity, values }
  }

  /** All values so far, given away; the next file has a dictionary of its own. */
  takeDictionary(): Gathered {
    const values = this.#values.take()
    this.#values = new Values(this.#pool)
    return values
  }
}

class Values {
  readonly #bytes: BytesGatherer
  readonly #one = new Int32Array(1)
  /** Number of a value and one, 0 = free. */
  #slots = new Int32Array(INITIAL_SLOTS)
  #hashes = new Int32Array(INITIAL_SLOTS)
  #count = 0

  constructor(pool: BufferPool) {
    this.#bytes = new BytesGatherer(pool)
  }

  get size(): number {
    return this.#bytes.size
  }

  number(column: StringColumn, index: number): number {
    const start = column.start[index] as number
    const end = start + (column.size[index] as number)
    const hash = hashOf(column.data, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] as number) - 1
      if (this.#hashes[number] === hash && this.#bytes.isEqual(number, column.data, start, end)) {
        return number
      }
    }
    const number = this.#count++
    this.#one[0] = index
    this.#bytes.append(column, this.#one, 0, 1)
    this.#slots[slot] = number + 1
    this.#hashes[number] = hash
    if (this.#count * 2 > this.#slots.length) this.#grow()
    return number
  }

  take(): Gathered {
    return this.#bytes.take()
  }

  #grow(): void {
    const hashes = new Int32Array(this.#slots.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#slots = new Int32Array(hashes.length)
    const mask = hashes.length - 1
    for (let number = 0; number < this.#count; number++) {
      let slot = (hashes[number] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = number + 1
    }
  }
}

/** FNV-1a. */
function hashOf(data: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (data[i] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}
