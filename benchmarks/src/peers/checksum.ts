/**
 * Whether two systems gave the same rows: a checksum of normalised rows that does not depend on
 * their order.
 *
 * A row is normalised by taking the columns that say something, numbers rounded to what the
 * order of a floating-point sum cannot change. The mean is compared as the sum it came from, since
 * rounded means can fall on either side of a half. Where a system writes a row anew with each
 * record, the last one of a group and window is its result.
 */
import { createHash } from 'node:crypto'

export interface OutputRow {
  readonly user_id?: string
  readonly page?: string
  readonly doubled?: number
  readonly window_start?: number
  readonly window_end?: number
  readonly n?: number
  readonly total?: number
  readonly average?: number
}

export interface Checksum {
  readonly rows: number
  /** The sum of the hashes of all rows, modulo 2^64, in hexadecimal digits. */
  readonly sum: string
}

/** Sums of amounts with two decimals lie this close to a multiple of 0.01. */
const DECIMALS = 2
const MODULUS = 1n << 64n

export function normalised(row: OutputRow): string {
  const { user_id, page, doubled, window_start, window_end, n, total, average } = row
  const group = page ?? user_id
  if (doubled !== undefined) return `${group}|${doubled.toFixed(DECIMALS)}`
  const totals = [total ?? Number.NaN, (average ?? Number.NaN) * (n ?? Number.NaN)]
  const sums = totals.map(number => number.toFixed(DECIMALS)).join('|')
  return `${group}|${window_start}|${window_end}|${n}|${sums}`
}

class RowChecksum {
  #rows = 0
  #sum = 0n

  add(normal: string): void {
    const hash = createHash('sha256').update(normal).digest()
    this.#sum = (this.#sum + hash.readBigUInt64LE()) % MODULUS
    this.#rows++
  }

  result(): Checksum {
    return { rows: this.#rows, sum: this.#sum.toString(16).padStart(16, '0') }
  }
}

/** Of rows in the order they were written. @param takesLast one row per group and window counts. */
export function checksumOf(rows: Iterable<OutputRow>, takesLast: boolean): Checksum {
  const checksum = new RowChecksum()
  const last = new Map<string, OutputRow>()
  for (const row of rows) {
    if (takesLast) last.set(`${row.page ?? row.user_id}|${row.window_start}`, row)
    else checksum.add(normalised(row))
  }
  for (const row of last.values()) checksum.add(normalised(row))
  return checksum.result()
}
