/** Small buffers cut from large ones: a cell costs a view, not an allocation. */
const SLAB_BYTES = 64 * 1024

export class Slab {
  #bytes: Buffer = Buffer.allocUnsafeSlow(0)
  #at = 0

  take(size: number): Buffer {
    if (size > SLAB_BYTES / 4) return Buffer.allocUnsafeSlow(size)
    if (this.#at + size > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(SLAB_BYTES)
      this.#at = 0
    }
    const start = this.#at
    this.#at += size
    return this.#bytes.subarray(start, this.#at)
  }

  copy(data: Uint8Array, start: number, size: number): Buffer {
    const bytes = this.take(size)
    bytes.set(data.subarray(start, start + size))
    return bytes
  }

  int32(value: number): Buffer {
    const bytes = this.take(4)
    bytes.writeInt32BE(value)
    return bytes
  }

  /** From its halves. */
  int64(high: number, low: number): Buffer {
    const bytes = this.take(8)
    bytes.writeInt32BE(high, 0)
    bytes.writeInt32BE(low, 4)
    return bytes
  }

  /** A whole number that a double holds exactly. */
  integer(value: number): Buffer {
    const high = Math.floor(value / 0x1_0000_0000)
    return this.int64(high | 0, (value - high * 0x1_0000_0000) | 0)
  }

  double(value: number): Buffer {
    const bytes = this.take(8)
    bytes.writeDoubleBE(value)
    return bytes
  }
}
