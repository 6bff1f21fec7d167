/** Memory of whole files that is used again: files of one kind are about equally large. */
const FREE_MAX = 2

export class FileBuffers {
  readonly #free: ArrayBuffer[] = []

  /** At least so many bytes, and not more than twice as many. */
  take(bytes: number): Buffer {
    const nth = this.#free.findIndex(
      ({ byteLength }) => byteLength >= bytes && byteLength <= bytes * 2,
    )
    const [found] = nth < 0 ? [] : this.#free.splice(nth, 1)
    // The next file may be a little larger.
    return Buffer.from(found ?? Buffer.allocUnsafeSlow(bytes + (bytes >>> 4)).buffer)
  }

  /** Of a file that nobody needs any more. */
  giveBack(memory: ArrayBuffer): void {
    if (this.#free.length === FREE_MAX) this.#free.shift()
    this.#free.push(memory)
  }
}
