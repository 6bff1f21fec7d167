import { bitmapBytes, type Column, clearBit, getBit, setBit } from '@millrace/core'

const INITIAL_BYTES = 8

interface AppendedRange {
  readonly from: number
  readonly to: number
  /** Cells before these. */
  readonly length: number
}

/** Which cells are there; takes memory only when one is not. */
export class Validity {
  nullCount = 0
  #bits: Uint8Array | null = null

  append(column: Column, indices: Int32Array, range: AppendedRange): void {
    const { from, to, length } = range
    const { validity } = column
    this.#reserve(length + to - from)
    if (validity === null) return
    for (let nth = from; nth < to; nth++) {
      if (!getBit(validity, indices[nth] as number))
        this.#clear(length + nth - from, length, to - from)
    }
  }

  /** One cell that is not there. */
  clear(index: number): void {
    this.#clear(index, index, 1)
  }

  truncate(length: number): void {
    if (this.#bits === null) return
    this.nullCount = 0
    for (let i = 0; i < length; i++) if (!getBit(this.#bits, i)) this.nullCount++
    for (let i = length; i < this.#bits.length * 8; i++) setBit(this.#bits, i)
  }

  take(length: number): Uint8Array {
    this.#reserve(length)
    const bits = this.nullCount === 0 ? null : this.#bits
    this.nullCount = 0
    this.#bits = null
    return bits === null ? new Uint8Array(0) : bits.subarray(0, bitmapBytes(length))
  }

  #clear(index: number, length: number, count: number): void {
    this.#bits ??= new Uint8Array(bitmapBytes(length + count) + INITIAL_BYTES).fill(0xff)
    this.#reserve(index + 1)
    clearBit(this.#bits, index)
    this.nullCount++
  }

  #reserve(length: number): void {
    const bits = this.#bits
    if (bits === null || bitmapBytes(length) <= bits.length) return
    const grown = new Uint8Array(Math.max(bits.length * 2, bitmapBytes(length))).fill(0xff)
    grown.set(bits)
    this.#bits = grown
  }
}
