/**
 * Buffers of a gatherer that are used again: what is gathered is a few megabytes, over and over.
 * A buffer has a size of a power of two, and holds what was in it.
 */
const SMALLEST_BYTES = 256
/** More than this many free bytes are not kept: a few record batches. */
const FREE_BYTES_MAX = 32 * 1024 * 1024

export class BufferPool {
  /** By size. */
  readonly #free = new Map<number, ArrayBuffer[]>()
  #freeBytes = 0

  /** At least so many bytes. */
  take(bytes: number): ArrayBuffer {
    const size = sizeFor(bytes)
    const free = this.#free.get(size)?.pop()
    if (free === undefined) return Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer
    this.#freeBytes -= size
    return free
  }

  /** Of one that `take` gave, when nobody looks at it any more. */
  giveBack(buffer: ArrayBuffer): void {
    const size = buffer.byteLength
    if (size !== sizeFor(size) || this.#freeBytes + size > FREE_BYTES_MAX) return
    const free = this.#free.get(size)
    if (free === undefined) this.#free.set(size, [buffer])
    else free.push(buffer)
    this.#freeBytes += size
  }
}

function sizeFor(bytes: number): number {
  let size = SMALLEST_BYTES
  while (size < bytes) size *= 2
  return size
}
