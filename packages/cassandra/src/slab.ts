/**
 * Values of rows as the bytes of a request, row after row in large buffers.
 *
 *   row   = value …
 *   value = size (int32; -1 = null, -2 = unset), bytes
 *
 * So a row that waits is a piece of a buffer and one object, however many values it has, and is
 * copied as it is into a request of several rows (`rows-request.ts`). A row that is sent alone is
 * cut into a buffer per value, as the driver wants it.
 */
const SLAB_BYTES = 64 * 1024
const NULL_SIZE = -1
const UNSET_SIZE = -2

export class Slab {
  #bytes: Buffer = Buffer.allocUnsafeSlow(0)
  #start = 0
  #at = 0

  /** The buffer in which the row is that was begun. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Where it begins. */
  get start(): number {
    return this.#start
  }

  get size(): number {
    return this.#at - this.#start
  }

  /** Begins a row; one that was not ended is forgotten. */
  begin(): void {
    this.#at = this.#start
  }

  /** Nothing will be written over what is there. */
  end(): void {
    this.#start = this.#at
  }

  null(): void {
    this.#size(NULL_SIZE, 0)
  }

  unset(): void {
    this.#size(UNSET_SIZE, 0)
  }

  value(bytes: Uint8Array): void {
    this.#size(bytes.length, bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  copy(data: Uint8Array, start: number, size: number): void {
    this.#size(size, size)
    this.#at = copyBytes(data, start, size, this.#bytes, this.#at)
  }

  int32(value: number): void {
    this.#size(4, 4)
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
  }

  /** From its halves. */
  int64(high: number, low: number): void {
    this.#size(8, 8)
    this.#bytes.writeInt32BE(high, this.#at)
    this.#at = this.#bytes.writeInt32BE(low, this.#at + 4)
  }

  /** A whole number that a double holds exactly. */
  integer(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.int64(high | 0, (value - high * 0x1_0000_0000) | 0)
  }

  double(value: number): void {
    this.#size(8, 8)
    this.#at = this.#bytes.writeDoubleBE(value, this.#at)
  }

  /** Writes the size of a value, with room for so many bytes behind it. */
  #size(size: number, room: number): void {
    if (this.#at + 4 + room > this.#bytes.length) this.#grow(4 + room)
    this.#at = this.#bytes.writeInt32BE(size, this.#at)
  }

  /** A new buffer; the row that was begun moves there. */
  #grow(more: number): void {
    const begun = this.size
    const bytes = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, begun + more))
    this.#bytes.copy(bytes, 0, this.#start, this.#at)
    this.#bytes = bytes
    this.#start = 0
    this.#at = begun
  }
}

/** Perf: 8 bytes cost 11 ns by the loop and 52 ns by a view and `set`; from 48 on both the same. */
const SHORT = 32

/** Gives where they end. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  size: number,
  to: Uint8Array,
  at: number,
): number {
  const end = start + size
  if (size > SHORT) to.set(from.subarray(start, end), at)
  else for (let i = start, j = at; i < end; i++, j++) to[j] = from[i] as number
  return at + size
}

/** The values of a row, as the driver takes them. */
export function cutValues<Unset>(
  bytes: Buffer,
  start: number,
  size: number,
  unset: Unset,
): (Buffer | null | Unset)[] {
  const values: (Buffer | null | Unset)[] = []
  const end = start + size
  for (let at = start; at < end; ) {
    const length = bytes.readInt32BE(at)
    at += 4
    if (length >= 0) values.push(bytes.subarray(at, at + length))
    else values.push(length === NULL_SIZE ? null : unset)
    at += Math.max(length, 0)
  }
  return values
}
