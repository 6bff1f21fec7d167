/**
 * Large buffers that nobody reads any more, for the next answers, or the next batches.
 *
 * Perf: V8 counts the bytes of buffers toward its heap, and collects all of it the more often. That
 * took a third of the CPU of reading and filtering (docs/performance.md, "Where the time goes").
 */
const BYTES_MIN = 64 * 1024
/** Answers differ a little in size; all that are rounded to the same fit. */
const ROUND = 256 * 1024
const FREE_MAX = 2
/** Of what is asked for: a small answer keeps no large buffer. */
const TIMES_MAX = 4

export class BodyPool {
  readonly #free: ArrayBuffer[] = []
  readonly #own = new WeakSet<ArrayBufferLike>()

  /** So many bytes, with whatever is in them. */
  take(size: number): Buffer {
    if (size < BYTES_MIN) return Buffer.allocUnsafeSlow(size)
    const at = this.#free.findIndex(
      ({ byteLength }) => byteLength >= size && byteLength <= Math.max(ROUND, size * TIMES_MAX),
    )
    const [found] = at < 0 ? [] : this.#free.splice(at, 1)
    const buffer = found ?? new ArrayBuffer(Math.ceil(size / ROUND) * ROUND)
    this.#own.add(buffer)
    return Buffer.from(buffer, 0, size)
  }

  /** @param body nobody must look at it any more; what `take` has not given is left alone */
  give({ buffer }: { readonly buffer: ArrayBufferLike }): void {
    if (!this.#own.has(buffer)) return
    this.#free.push(buffer as ArrayBuffer)
    if (this.#free.length > FREE_MAX) this.#free.shift()
  }
}
