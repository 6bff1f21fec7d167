import { bitmapBytes, clearBit, setBit } from '../util/bitmap.ts'

const INITIAL_CELLS = 64

/** Which cells of a column that is built are there; takes memory only when one is not. */
export class Validity {
  #bits: Uint8Array | null = null
  #length = 0

  append(isPresent: boolean): void {
    const index = this.#length++
    if (this.#bits === null) {
      if (isPresent) return
      this.#bits = new Uint8Array(bitmapBytes(Math.max(INITIAL_CELLS, index + 1))).fill(0xff)
    }
    if (bitmapBytes(index + 1) > this.#bits.length) {
      const grown = new Uint8Array(this.#bits.length * 2).fill(0xff)
      grown.set(this.#bits)
      this.#bits = grown
    }
    if (isPresent) setBit(this.#bits, index)
    else clearBit(this.#bits, index)
  }

  build(): Uint8Array | null {
    return this.#bits === null ? null : this.#bits.subarray(0, bitmapBytes(this.#length))
  }
}
