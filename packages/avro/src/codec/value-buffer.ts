/**
 * The bytes of one value while it is written: the primitives of the binary encoding, appended to a
 * buffer that grows and is used again.
 */
const INITIAL_BYTES = 1024
const LONG_BYTES_MAX = 10

export class ValueBuffer {
  data: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  at = 0

  byte(value: number): void {
    this.#reserve(1)
    this.data[this.at++] = value
  }

  /** A zig-zag long within 32 bits. */
  int(value: number): void {
    this.#reserve(LONG_BYTES_MAX)
    const { data } = this
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    while (rest >= 0x80) {
      data[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    data[this.at++] = rest
  }

  /** A zig-zag long of two halves. */
  long(low: number, high: number): void {
    if (high === low >> 31) {
      this.int(low)
      return
    }
    this.#reserve(LONG_BYTES_MAX)
    const { data } = this
    const sign = high >> 31
    let lower = ((low << 1) ^ sign) >>> 0
    let upper = (((high << 1) | (low >>> 31)) ^ sign) >>> 0
    while (upper !== 0 || lower >= 0x80) {
      data[this.at++] = (lower & 0x7f) | 0x80
      lower = ((lower >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    data[this.at++] = lower
  }

  bigint(value: bigint): void {
    this.long(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  }

  float(value: number): void {
    this.#reserve(4)
    this.at = this.data.writeFloatLE(value, this.at)
  }

  double(value: number): void {
    this.#reserve(8)
    // A computed NaN has the sign the processor gave it; equal values must be equal bytes.
    this.at = this.data.writeDoubleLE(Number.isNaN(value) ? Number.NaN : value, this.at)
  }

  uint32(value: number): void {
    this.#reserve(4)
    this.at = this.data.writeUInt32LE(value, this.at)
  }

  /** The size of text, and the text. */
  text(value: string): void {
    const size = Buffer.byteLength(value)
    this.int(size)
    this.#reserve(size)
    this.at += this.data.write(value, this.at, 'utf8')
  }

  bytes(value: Uint8Array): void {
    this.range(value, 0, value.length)
  }

  /** `data[start, start + size)`. */
  range(data: Uint8Array, start: number, size: number): void {
    this.#reserve(size)
    const { at } = this
    // Perf: below some 48 bytes a loop is faster than the call of a built-in.
    if (size > 48) this.data.set(data.subarray(start, start + size), at)
    else for (let i = 0; i < size; i++) this.data[at + i] = data[start + i] as number
    this.at = at + size
  }

  view(): Buffer {
    return this.data.subarray(0, this.at)
  }

  #reserve(size: number): void {
    if (this.at + size <= this.data.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.data.length * 2, this.at + size))
    grown.set(this.data.subarray(0, this.at))
    this.data = grown
  }
}
