/**
 * Writes requests: the types of https://kafka.apache.org/protocol#protocol_types
 *
 * Texts are UTF-8. `compact` types have their size plus one before them, as a number of one byte or
 * more; 0 is null.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(512)
  #size = 0
  /** Bytes of others, each with the place it stands before. */
  readonly #attached: { readonly at: number; readonly bytes: Uint8Array }[] = []
  #attachedSize = 0

  /** Of all that was written and attached. */
  get size(): number {
    return this.#size + this.#attachedSize
  }

  /** All of it, in order. */
  parts(): Uint8Array[] {
    const parts: Uint8Array[] = []
    let from = 0
    for (const { at, bytes } of this.#attached) {
      parts.push(this.#bytes.subarray(from, at), bytes)
      from = at
    }
    parts.push(this.#bytes.subarray(from, this.#size))
    return parts
  }

  /** Sets the number of four bytes that the writing began with. */
  setHead(value: number): void {
    this.#bytes.writeInt32BE(value, 0)
  }

  /** Takes bytes without a copy; they must stay as they are until they are sent. */
  attach(bytes: Uint8Array): this {
    this.#attached.push({ at: this.#size, bytes })
    this.#attachedSize += bytes.length
    return this
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
    return this.bigint64(BigInt(value))
  }

  bigint64(value: bigint): this {
    const at = this.#room(8)
    this.#bytes.writeBigInt64BE(value, at)
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
