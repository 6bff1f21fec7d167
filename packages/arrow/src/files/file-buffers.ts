/** Buffers for whole files that are used again: files of one kind are about equally large. */
const FREE_MAX = 2

export class FileBuffers {
  readonly #free: ArrayBuffer[] = []

  /** Of exactly so many bytes, in memory of at most twice as many. */
  take(size: number): Buffer {
    const nth = this.#free.findIndex(({ byteLength: bytes }) => bytes >= size && bytes <= size * 2)
    const [found] = nth < 0 ? [] : this.#free.splice(nth, 1)
    // The next file may be a little larger.
    const memory = found ?? Buffer.allocUnsafeSlow(size + (size >>> 4)).buffer
    return Buffer.from(memory, 0, size)
  }

  /** Of a file that nobody needs any more. */
  giveBack(memory: ArrayBuffer): void {
    if (this.#free.length === FREE_MAX) this.#free.shift()
    this.#free.push(memory)
  }
}
