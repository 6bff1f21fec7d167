/**
 * Reads answers. Nothing is made before its size was checked against the bytes that are left, so an
 * answer costs no more than a few times its own size.
 */
import { MillraceError } from '@millrace/core'

export class WireReader {
  readonly data: Buffer
  /** The request that is answered, for errors. */
  readonly #what: string
  #at = 0

  constructor(data: Buffer, what: string) {
    this.data = data
    this.#what = what
  }

  get position(): number {
    return this.#at
  }

  get left(): number {
    return this.data.length - this.#at
  }

  int8(): number {
    return this.data.readInt8(this.#take(1))
  }

  int16(): number {
    return this.data.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.data.readInt32BE(this.#take(4))
  }

  int64(): bigint {
    return this.data.readBigInt64BE(this.#take(8))
  }

  /** A 64-bit number that is exact as a number. */
  offset(): number {
    const value = Number(this.int64())
    if (!Number.isSafeInteger(value)) throw this.#broken(`the offset ${value}`)
    return value
  }

  unsigned(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.data[this.#take(1)] as number
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
    throw this.#broken('a number that does not end')
  }

  text(): string | null {
    const size = this.int16()
    return size < 0 ? null : this.#utf8(size)
  }

  compactText(): string | null {
    const size = this.unsigned()
    return size === 0 ? null : this.#utf8(size - 1)
  }

  compactBytes(): Buffer {
    const size = Math.max(0, this.unsigned() - 1)
    const start = this.#take(size)
    return this.data.subarray(start, start + size)
  }

  uuid(): string {
    const start = this.#take(16)
    return this.data.toString('base64', start, start + 16)
  }

  array<T>(itemBytesMin: number, read: () => T): T[] {
    return this.#items(this.int32(), itemBytesMin, read)
  }

  compactArray<T>(itemBytesMin: number, read: () => T): T[] {
    return this.#items(this.unsigned() - 1, itemBytesMin, read)
  }

  tags(): void {
    for (let count = this.unsigned(); count > 0; count--) {
      this.unsigned()
      this.skip(this.unsigned())
    }
  }

  skip(bytes: number): void {
    this.#take(bytes)
  }

  #items<T>(count: number, itemBytesMin: number, read: () => T): T[] {
    if (count * itemBytesMin > this.left) throw this.#broken(`a list of ${count}`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  #utf8(size: number): string {
    const start = this.#take(size)
    return this.data.toString('utf8', start, start + size)
  }

  #take(bytes: number): number {
    const at = this.#at
    if (bytes < 0 || bytes > this.left) {
      throw this.#broken(`${bytes} bytes where ${this.left} are left`)
    }
    this.#at += bytes
    return at
  }

  #broken(got: string): MillraceError {
    return new MillraceError(
      'BROKER_REFUSED',
      `an answer to ${this.#what} is not what the protocol says: it has ${got}. ` +
        'What listens there may be no Kafka broker.',
    )
  }
}
