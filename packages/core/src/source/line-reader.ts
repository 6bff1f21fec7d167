/**
 * Reads a file line by line from a byte position, in memory bounded by the longest line.
 *
 * `peek` gives the next whole line that is in memory; when it has none, `fill` reads more, and
 * false from `fill` means the end of the file.
 */
import type { FileHandle } from 'node:fs/promises'

const READ_BYTES = 64 * 1024
const NEWLINE = 0x0a

export interface Line {
  /** Without its newline; valid until the next `fill`. */
  readonly bytes: Buffer
  /** Where the next line begins. */
  readonly nextPosition: number
}

export class LineReader {
  readonly #file: FileHandle
  readonly lineBytesMax: number
  #buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  /** The unread bytes are `buffer[head, tail)`; no newline stands before `scanned`. */
  #head = 0
  #scanned = 0
  #tail = 0
  /** Byte position in the file of `head`. */
  #position: number
  #isEnd = false

  constructor(file: FileHandle, position: number, lineBytesMax: number) {
    this.#file = file
    this.#position = position
    this.lineBytesMax = lineBytesMax
  }

  /** Where the next line begins. */
  get position(): number {
    return this.#position
  }

  /** True when every line was taken. */
  get isEnd(): boolean {
    return this.#isEnd && this.#head === this.#tail
  }

  /** The next line without stepping behind it; undefined when it is not in memory as a whole. */
  peek(): Line | 'too long' | undefined {
    const found = this.#buffer.subarray(0, this.#tail).indexOf(NEWLINE, this.#scanned)
    this.#scanned = found < 0 ? this.#tail : found
    const end = this.#scanned
    if (end - this.#head > this.lineBytesMax) return 'too long'
    if (found < 0 && !(this.#isEnd && this.#head < this.#tail)) return undefined
    const size = end - this.#head + (found < 0 ? 0 : 1)
    const bytes = this.#buffer.subarray(this.#head, end)
    return { bytes, nextPosition: this.#position + size }
  }

  /** Steps behind a line that `peek` gave. */
  skip(line: Line): void {
    this.#head += line.nextPosition - this.#position
    this.#scanned = this.#head
    this.#position = line.nextPosition
  }

  /** Reads on; false at the end of the file. */
  async fill(): Promise<boolean> {
    this.#makeRoom()
    const at = this.#position + this.#tail - this.#head
    const room = this.#buffer.length - this.#tail
    const { bytesRead } = await this.#file.read(this.#buffer, this.#tail, room, at)
    this.#tail += bytesRead
    this.#isEnd = bytesRead === 0
    return !this.#isEnd
  }

  #makeRoom(): void {
    const size = this.#tail - this.#head
    const grown = size > this.#buffer.length / 2 ? this.#buffer.length * 2 : this.#buffer.length
    const buffer = grown === this.#buffer.length ? this.#buffer : Buffer.allocUnsafeSlow(grown)
    this.#buffer.copy(buffer, 0, this.#head, this.#tail)
    this.#buffer = buffer
    this.#scanned -= this.#head
    this.#head = 0
    this.#tail = size
  }
}

/** How many newlines a file has before a position; bounded memory. */
export async function linesBefore(file: FileHandle, position: number): Promise<number> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let lines = 0
  for (let at = 0; at < position; ) {
    const wanted = Math.min(buffer.length, position - at)
    const { bytesRead } = await file.read(buffer, 0, wanted, at)
    if (bytesRead === 0) break
    for (let i = 0; i < bytesRead; i++) if (buffer[i] === NEWLINE) lines++
    at += bytesRead
  }
  return lines
}
