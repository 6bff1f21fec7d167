/**
 * Rows that were found, and keys that have none, for a while and up to a number.
 *
 * When it is full the one goes that nobody has asked for since the last time round (a clock: one
 * mark per row, nothing is moved when a row is found).
 */
import type { CellValue } from '../batch/column.ts'
import type { LookupCacheOptions } from '../lookup/cache-options.ts'

export interface KeptRow {
  /** Null: there is none. Undefined: not known yet. */
  cells: readonly CellValue[] | null | undefined
  /** Wall time. */
  expiresAt: number
  isUsed: boolean
}

export class LookupCache {
  readonly #options: LookupCacheOptions
  /** In the order in which they will be judged. */
  readonly #rows = new Map<string, KeptRow>()

  constructor(options: LookupCacheOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#rows.size
  }

  /** Undefined: it is not there, or too old. */
  get(key: string, now: number): KeptRow | undefined {
    const row = this.#rows.get(key)
    if (row === undefined || row.expiresAt <= now) return undefined
    row.isUsed = true
    return row
  }

  /** Keeps what was found for a key. */
  set(key: string, row: KeptRow, now: number): void {
    const { rowsMax, keepMs, keepMissingMs } = this.#options
    row.expiresAt = now + (row.cells === null ? keepMissingMs : keepMs)
    row.isUsed = false
    this.#rows.delete(key)
    while (this.#rows.size >= rowsMax) this.#evict(now)
    this.#rows.set(key, row)
  }

  #evict(now: number): void {
    for (const [key, row] of this.#rows) {
      this.#rows.delete(key)
      if (!row.isUsed || row.expiresAt <= now) return
      row.isUsed = false
      this.#rows.set(key, row)
    }
  }
}
