/**
 * Texts, bytes and JSON text of one Arrow column: one behind the other, and where each ends.
 *
 * Bytes go from the ranges of a batch to where they stay, once. A column of one record batch is at
 * most 2 GiB, as offsets are 32 bits; files are cut long before.
 */
import { type BytesColumn, type Column, cellText, type StringColumn } from '@millrace/core'
import type { BufferPool } from './buffer-pool.ts'
import type { Gathered, Gatherer } from './gatherer.ts'
import { Validity } from './validity.ts'

const INITIAL_CELLS = 64
const INITIAL_BYTES = 1024
/** Bytes that are copied at once. */
const BLOCK_BYTES = 16
/** Offsets are 32 bits. */
const BYTES_MAX = 0x7fff_ffff

/** Texts or bytes, one behind the other, and where each ends. */
class Bytes {
  readonly validity = new Validity()
  readonly #pool: BufferPool
  length = 0
  bytes = 0
  data: Buffer<ArrayBuffer>
  offsets: Int32Array<ArrayBuffer>

  constructor(pool: BufferPool) {
    this.#pool = pool
    this.data = Buffer.from(pool.take(INITIAL_BYTES))
    this.offsets = this.#offsets(INITIAL_CELLS)
  }

  get size(): number {
    return this.bytes + this.length * 4
  }

  reserveCells(count: number): void {
    if (this.length + count < this.offsets.length) return
    const grown = this.#offsets(Math.max(this.offsets.length * 2, this.length + count))
    grown.set(this.offsets.subarray(0, this.length + 1))
    this.#pool.giveBack(this.offsets.buffer)
    this.offsets = grown
  }

  reserveBytes(count: number): void {
    const needed = this.bytes + count
    if (needed <= this.data.length) return
    if (needed > BYTES_MAX) throw new RangeError('a column of more than 2 GiB in one record batch')
    const grown = Buffer.from(this.#pool.take(needed))
    grown.set(this.data.subarray(0, this.bytes))
    this.#pool.giveBack(this.data.buffer)
    this.data = grown
  }

  truncate(length: number): void {
    this.validity.truncate(length)
    this.length = length
    this.bytes = this.offsets[length] as number
  }

  take(): Gathered {
    const { length, data, offsets, bytes } = this
    const { nullCount } = this.validity
    const gathered = {
      length,
      nullCount,
      validity: this.validity.take(length),
      offsets: offsets.subarray(0, length + 1),
      values: new Uint8Array(data.buffer, data.byteOffset, bytes),
    }
    this.length = 0
    this.bytes = 0
    // The next ones are likely to be as many.
    this.data = Buffer.from(this.#pool.take(data.length))
    this.offsets = this.#offsets(length)
    return gathered
  }

  /** For so many cells and one more. */
  #offsets(cells: number): Int32Array<ArrayBuffer> {
    const offsets = new Int32Array(this.#pool.take((cells + 1) * 4))
    offsets[0] = 0
    return offsets
  }
}

export class BytesGatherer implements Gatherer {
  readonly #bytes: Bytes

  constructor(pool: BufferPool) {
    this.#bytes = new Bytes(pool)
  }

  get size(): number {
    return this.#bytes.size
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const into = this.#bytes
    const { data: source, start, size, validity } = column as BytesColumn | StringColumn
    into.reserveCells(to - from)
    into.validity.append(column, indices, { from, to, length: into.length })
    let total = 0
    for (let nth = from; nth < to; nth++) {
      const index = indices[nth] as number
      if (validity === null || !column.isNull(index)) total += size[index] as number
    }
    into.reserveBytes(total + BLOCK_BYTES)
    const { data, offsets } = into
    const blocks = new DataView(data.buffer)
    const sourceBlocks = new DataView(source.buffer, source.byteOffset, source.byteLength)
    const lastBlock = source.length - BLOCK_BYTES
    let at = into.bytes
    let cell = into.length
    for (let nth = from; nth < to; nth++) {
      const index = indices[nth] as number
      if (validity === null || !column.isNull(index)) {
        const begin = start[index] as number
        const end = begin + (size[index] as number)
        // Perf: short cells go as blocks of a fixed size, without a branch for each byte; what a
        // block writes too many, the next cell writes over.
        if (end - begin > 48 || end > lastBlock) data.set(source.subarray(begin, end), at)
        else {
          for (let from = begin, to = at; from < end; from += BLOCK_BYTES, to += BLOCK_BYTES) {
            blocks.setInt32(to, sourceBlocks.getInt32(from, true), true)
            blocks.setInt32(to + 4, sourceBlocks.getInt32(from + 4, true), true)
            blocks.setInt32(to + 8, sourceBlocks.getInt32(from + 8, true), true)
            blocks.setInt32(to + 12, sourceBlocks.getInt32(from + 12, true), true)
          }
        }
        at += end - begin
      }
      offsets[++cell] = at
    }
    into.bytes = at
    into.length = cell
  }

  /** Whether cell `index` is `data[start, end)`. */
  isEqual(index: number, data: Uint8Array, start: number, end: number): boolean {
    const { offsets, data: own } = this.#bytes
    const begin = offsets[index] as number
    if ((offsets[index + 1] as number) - begin !== end - start) return false
    for (let i = start; i < end; i++) if (data[i] !== own[begin + i - start]) return false
    return true
  }

  truncate(length: number): void {
    this.#bytes.truncate(length)
  }

  take(): Gathered {
    return this.#bytes.take()
  }
}

/** JSON values as their text. */
export class JsonGatherer implements Gatherer {
  readonly #bytes: Bytes
  readonly #name: string

  constructor(name: string, pool: BufferPool) {
    this.#bytes = new Bytes(pool)
    this.#name = name
  }

  get size(): number {
    return this.#bytes.size
  }

  append(column: Column, indices: Int32Array, from: number, to: number): void {
    const into = this.#bytes
    into.reserveCells(to - from)
    for (let nth = from; nth < to; nth++) {
      const cell = column.get(indices[nth] as number)
      if (cell === null) into.validity.clear(into.length)
      else {
        const text = cellText(column.type, cell, this.#name)
        into.reserveBytes(text.length * 3)
        into.bytes += into.data.write(text, into.bytes, 'utf8')
      }
      into.offsets[++into.length] = into.bytes
    }
  }

  truncate(length: number): void {
    this.#bytes.truncate(length)
  }

  take(): Gathered {
    return this.#bytes.take()
  }
}
