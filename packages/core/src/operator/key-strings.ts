/**
 * Keys as strings of one character per byte (latin1), each made once for many records.
 *
 * Perf: a string that is found again has its hash for a map already, and none is made. Two slots
 * for each hash, the last found first: with one, a quarter of 10,000 keys had to share theirs with
 * another and were made anew for each record.
 */
const SLOTS = 1 << 16
/** Longer keys are made anew each time: comparing them would cost as much. */
const BYTES_MAX = 64

export class KeyStrings {
  readonly #slots: string[] = new Array(SLOTS).fill('')

  /** The bytes from `start` to `end` (not in). */
  at(data: Buffer, start: number, end: number): string {
    const size = end - start
    if (size > BYTES_MAX) return data.toString('latin1', start, end)
    let hash = size
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (data[i] as number)) | 0
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 2)
    const first = this.#slots[slot] as string
    if (first.length === size && isText(first, data, start)) return first
    const second = this.#slots[slot + 1] as string
    this.#slots[slot + 1] = first
    const isSecond = second.length === size && isText(second, data, start)
    const text = isSecond ? second : data.toString('latin1', start, end)
    this.#slots[slot] = text
    return text
  }
}

function isText(text: string, data: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== data[start + i]) return false
  }
  return true
}
