/**
 * Reads what `ByteWriter` wrote: the lower end of every format in `record/format/` and `state/`.
 *
 * It never reads beyond the end: each method throws FORMAT_UNKNOWN, naming the format, when the
 * bytes end too early. Bytes are handed out without a copy.
 */
import { MillraceError } from '../errors.ts'

export class ByteReader {
  readonly #bytes: Buffer
  readonly #what: string
  at = 0

  /** @param what names the format in errors. */
  constructor(bytes: Uint8Array, what: string) {
    const isBuffer = bytes instanceof Buffer
    this.#bytes = isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#what = what
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  byte(): number {
    this.#need(1)
    return this.#bytes[this.at++] as number
  }

  bytes(size: number): Buffer {
    this.#need(size)
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }

  /** What is in front of the next such byte, which is passed. */
  before(byte: number): Buffer {
    const start = this.at
    while (this.byte() !== byte);
    return this.#bytes.subarray(start, this.at - 1)
  }

  text(size: number): string {
    return this.bytes(size).toString('utf8')
  }

  float64(): number {
    this.#need(8)
    this.at += 8
    return this.#bytes.readDoubleBE(this.at - 8)
  }

  int64(): bigint {
    this.#need(8)
    this.at += 8
    return this.#bytes.readBigInt64BE(this.at - 8)
  }

  int32(): number {
    this.#need(4)
    this.at += 4
    return this.#bytes.readInt32BE(this.at - 4)
  }

  unsigned(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (value > Number.MAX_SAFE_INTEGER) break
      if (byte < 0x80) return value
      scale *= 0x80
    }
    return this.#fail('a number of at most 53 bits')
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #need(size: number): void {
    if (size < 0 || this.at + size > this.#bytes.length) this.#fail(`${size} bytes at ${this.at}`)
  }

  #fail(detail: string): never {
    throw new MillraceError(
      'FORMAT_UNKNOWN',
      `${this.#what}: expected ${detail}, got ${this.#bytes.length} bytes in all. ` +
        'The data is cut off or was written by a newer version.',
    )
  }
}
