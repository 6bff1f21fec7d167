/** Writes requests: the types of https://kafka.apache.org/protocol#protocol_types */
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
    this.#bytes.writeInt8(value, this.#room(1))
    return this
  }

  int16(value: number): this {
    this.#bytes.writeInt16BE(value, this.#room(2))
    return this
  }

  int32(value: number): this {
    this.#bytes.writeInt32BE(value, this.#room(4))
    return this
  }

  int64(value: number): this {
    this.#bytes.writeBigInt64BE(BigInt(value), this.#room(8))
    return this
  }

  unsigned(value: number): this {
    let left = value
    for (; left >= 128; left = Math.floor(left / 128)) {
      this.#bytes[this.#room(1)] = (left % 128) | 128
    }
    this.#bytes[this.#room(1)] = left
    return this
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#room(value.length))
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
