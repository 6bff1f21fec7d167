/**
 * Reads a file line by line from a byte position, in memory bounded by the longest line.
 *
 * `peek` gives the next whole line that is in memory; when it has none, `fill` reads more, and
 * false from `fill` means the end of the file. With `isQuoted` a newline between two quotes is part
 * of the line, as in CSV: quotes in a quoted field are doubled, so an odd count means inside.
 */
import type { FileHandle } from 'node:fs/promises'

const READ_BYTES = 64 * 1024
const NEWLINE = 0x0a
const QUOTE = 0x22

export interface Line {
  /** Without its newline; valid until the next `fill`. */
  readonly bytes: Buffer
  /** Where the next line begins. */
  readonly nextPosition: number
}

export interface LineReaderOptions {
  /** A longer line is given as `too long`. */
  readonly lineBytesMax: number
  readonly isQuoted?: boolean
}

export class LineReader {
  readonly #file: FileHandle
  readonly lineBytesMax: number
  #buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  /** The unread bytes are `buffer[head, tail)`; the line does not end before `scanned`. */
  #head = 0
  #scanned = 0
  /** `scanned` is between two quotes. */
  #isInside = false
  #tail = 0
  /** Byte position in the file of `head`. */
  #position: number
  #isEnd = false
  readonly #isQuoted: boolean

  constructor(
    file: FileHandle,
    position: number,
    { lineBytesMax, isQuoted = false }: LineReaderOptions,
  ) {
    this.#isQuoted = isQuoted
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
    const found = this.#scan()
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
    this.#isInside = false
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

  /** The newline that ends the line, -1 when it is not in memory; `scanned` follows. */
  #scan(): number {
    const bytes = this.#buffer.subarray(0, this.#tail)
    for (;;) {
      const found = bytes.indexOf(NEWLINE, this.#scanned)
      const end = found < 0 ? this.#tail : found
      if (this.#isQuoted && hasOddQuotes(bytes.subarray(this.#scanned, end))) {
        this.#isInside = !this.#isInside
      }
      this.#scanned = end
      if (found < 0 || !this.#isInside) return found
      if (end - this.#head > this.lineBytesMax) return found
      this.#scanned++
    }
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

function hasOddQuotes(bytes: Buffer): boolean {
  let isOdd = false
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) isOdd = !isOdd
  return isOdd
}

/** How many newlines a file has from one position to before another; bounded memory. */
export async function linesBetween(
  file: FileHandle,
  from: number,
  position: number,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let lines = 0
  for (let at = from; at < position; ) {
    const wanted = Math.min(buffer.length, position - at)
    const { bytesRead } = await file.read(buffer, 0, wanted, at)
    if (bytesRead === 0) break
    for (let i = 0; i < bytesRead; i++) if (buffer[i] === NEWLINE) lines++
    at += bytesRead
  }
  return lines
}
