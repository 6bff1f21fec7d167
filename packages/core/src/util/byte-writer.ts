/**
 * A growing byte buffer with the few primitives our formats are made of. Multi-byte numbers are
 * big-endian.
 */
export class ByteWriter {
  #bytes: Buffer
  #size = 0

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** The bytes written so far; valid until the next write. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  /** A copy of the bytes written so far. */
  copy(): Buffer {
    return Buffer.from(this.view())
  }

  /** The bytes written so far, given away: the writer goes on empty with memory of its own. */
  take(): Buffer {
    const taken = this.view()
    this.#bytes = Buffer.allocUnsafeSlow(this.#bytes.length)
    this.#size = 0
    return taken
  }

  reset(): void {
    this.#size = 0
  }

  /** Forgets everything written after `size`; undoes a half-written record. */
  truncate(size: number): void {
    this.#size = size
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#size++] = value
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#size)
    this.#size += value.length
  }

  /** `data[start, start + size)`. */
  range(data: Uint8Array, start: number, size: number): void {
    this.#reserve(size)
    const bytes = this.#bytes
    const at = this.#size
    // Perf: below some 48 bytes a loop is faster than the call of a built-in.
    if (size > 48) bytes.set(data.subarray(start, start + size), at)
    else for (let i = 0; i < size; i++) bytes[at + i] = data[start + i] as number
    this.#size = at + size
  }

  /**
   * `data[start, start + size)` between two bytes `quote`; false, and nothing written, when one of
   * its bytes is among `stops` (1 = stops, by byte).
   */
  quoted(
    data: Uint8Array,
    start: number,
    size: number,
    { quote, stops }: { readonly quote: number; readonly stops: Uint8Array },
  ): boolean {
    this.#reserve(size + 2)
    const bytes = this.#bytes
    const at = this.#size + 1
    for (let i = 0; i < size; i++) {
      const byte = data[start + i] as number
      if (stops[byte] === 1) return false
      bytes[at + i] = byte
    }
    bytes[at - 1] = quote
    bytes[at + size] = quote
    this.#size = at + size + 1
    return true
  }

  /** The decimal digits of a whole number within 2^53, as `String` writes them. */
  decimal(value: number): void {
    this.#reserve(17)
    let rest = value
    if (rest < 0) {
      this.#bytes[this.#size++] = 0x2d
      rest = -rest
    }
    if (rest >= 1e8) {
      const upper = Math.floor(rest / 1e8)
      this.decimal(upper)
      this.digits(rest - upper * 1e8, 8)
      return
    }
    const whole = rest | 0
    let count = 1
    for (let power = 10; power <= whole; power = Math.imul(power, 10)) count++
    this.digits(whole, count)
  }

  /** The last `count` decimal digits of a whole number below 2^31. */
  digits(value: number, count: number): void {
    this.#reserve(count)
    const bytes = this.#bytes
    let rest = value | 0
    for (let at = this.#size + count - 1; at >= this.#size; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = 0x30 + rest - tenth * 10
      rest = tenth
    }
    this.#size += count
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  text(value: string): void {
    this.#reserve(value.length * 3)
    this.#size += this.#bytes.write(value, this.#size, 'utf8')
  }

  /** Begins a part whose size stands in front of it, as `unsigned` writes it; for `endPart`. */
  beginPart(): number {
    this.#reserve(1)
    return ++this.#size
  }

  /** @param start what `beginPart` gave */
  endPart(start: number): void {
    const size = this.#size - start
    if (size < 0x80) {
      this.#bytes[start - 1] = size
      return
    }
    const part = Buffer.from(this.#bytes.subarray(start, this.#size))
    this.#size = start - 1
    this.unsigned(size)
    this.bytes(part)
  }

  float64(value: number): void {
    this.#reserve(8)
    this.#size = this.#bytes.writeDoubleBE(value, this.#size)
  }

  int64(value: bigint): void {
    this.#reserve(8)
    this.#size = this.#bytes.writeBigInt64BE(value, this.#size)
  }

  int32(value: number): void {
    this.#reserve(4)
    this.#size = this.#bytes.writeInt32BE(value, this.#size)
  }

  /** LEB128 of a whole number from 0 to 2^53 - 1. */
  unsigned(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#size++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#size++] = rest
  }

  /** Zig-zag LEB128 of a whole number from -2^52 to 2^52 - 1. */
  signed(value: number): void {
    this.unsigned(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  #reserve(size: number): void {
    if (this.#size + size <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#size + size))
    grown.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = grown
  }
}
