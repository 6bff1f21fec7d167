/**
 * Writes requests: the types of https://kafka.apache.org/protocol#protocol_types
 *
 * Texts are UTF-8. `compact` types have their size plus one before them, as a number of one byte or
 * more; 0 is null.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(512)
  #size = 0

  get size(): number {
    return this.#size
  }

  view(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  int8(value: number): this {
    const at = this.#room(1)
    this.#bytes.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.#room(2)
    this.#bytes.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#room(4)
    this.#bytes.writeInt32BE(value, at)
    return this
  }

  int64(value: number): this {
    const at = this.#room(8)
    this.#bytes.writeBigInt64BE(BigInt(value), at)
    return this
  }

  unsigned(value: number): this {
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) {
      this.#byte((left % 128) | 128)
    }
    this.#byte(left)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
    return this
  }

  /** With its size before it, in two bytes. */
  text(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).bytes(bytes)
  }

  compactText(value: string | null): this {
    if (value === null) return this.unsigned(0)
    const bytes = Buffer.from(value)
    return this.unsigned(bytes.length + 1).bytes(bytes)
  }

  compactBytes(value: Uint8Array): this {
    return this.unsigned(value.length + 1).bytes(value)
  }

  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.unsigned(items.length + 1)
    for (const item of items) write(item)
    return this
  }

  noTags(): this {
    return this.unsigned(0)
  }

  #byte(value: number): void {
    const at = this.#room(1)
    this.#bytes[at] = value
  }

  /** May replace the bytes, so it is asked before they are written to. */
  #room(bytes: number): number {
    const at = this.#size
    this.#size += bytes
    if (this.#size > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#size, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, at)
      this.#bytes = grown
    }
    return at
  }
}
