/**
 * What the console sink keeps of an epoch: never more than `limit` rows, however many come.
 *
 * Plain: the first rows and the count. Live: the latest row of each of the keys changed last.
 */
import type { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { OPEN_SCHEMA, type Schema } from '../schema/schema.ts'

/** Rows of one epoch in the order they came. */
export class FirstRows {
  readonly rows: Row[] = []
  readonly #limit: number
  schema: Schema = OPEN_SCHEMA
  /** All records seen, tombstones aside. */
  count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(batch: Batch): void {
    this.schema = batch.schema
    const rowAt = rowsOf(batch)
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) continue
      this.count++
      if (this.rows.length < this.#limit) this.rows.push(rowAt(index))
    }
  }
}

interface KeyedRow {
  readonly key: readonly CellValue[]
  readonly row: Row
}

/** The latest row of each key; keys not changed for longest leave first. */
export class LatestRows {
  readonly #columns: readonly string[] | undefined
  readonly #limit: number
  readonly #byKey = new Map<string, KeyedRow>()
  schema: Schema = OPEN_SCHEMA

  /** @param columns the key; undefined = the record key and `window_start`. */
  constructor(columns: readonly string[] | undefined, limit: number) {
    this.#columns = columns
    this.#limit = limit
  }

  get size(): number {
    return this.#byKey.size
  }

  add(batch: Batch): void {
    this.schema = batch.schema
    const rowAt = rowsOf(batch)
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) continue
      const row = rowAt(index)
      const key = this.#columns?.map(name => cell(row, name)) ?? [
        batch.records.keys.get(index),
        cell(row, 'window_start'),
      ]
      this.#set({ key, row })
    }
  }

  /** Takes the rows of a later epoch. */
  merge(later: LatestRows): void {
    if (later.size > 0) this.schema = later.schema
    for (const keyed of later.#byKey.values()) this.#set(keyed)
  }

  /** Sorted by key. */
  rows(): Row[] {
    return [...this.#byKey.values()].sort(byKey).map(({ row }) => row)
  }

  #set(keyed: KeyedRow): void {
    const text = keyed.key.map(part => `${typeof part}:${keyText(part)}`).join('\u0000')
    this.#byKey.delete(text)
    this.#byKey.set(text, keyed)
    if (this.#byKey.size > this.#limit) {
      this.#byKey.delete(this.#byKey.keys().next().value as string)
    }
  }
}

function cell(row: Row, name: string): CellValue {
  return Object.hasOwn(row, name) ? (row[name] ?? null) : null
}

function keyText(part: CellValue): string {
  return part instanceof Uint8Array ? Buffer.from(part).toString('hex') : String(part)
}

function byKey(a: KeyedRow, b: KeyedRow): number {
  for (let i = 0; i < a.key.length; i++) {
    const order = compare(a.key[i] as CellValue, b.key[i] as CellValue)
    if (order !== 0) return order
  }
  return 0
}

/** Numbers by value, everything else by text; null first. */
function compare(a: CellValue, b: CellValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  const areNumbers = isNumber(a) && isNumber(b)
  const [left, right] = areNumbers ? [a, b] : [keyText(a), keyText(b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

function isNumber(value: CellValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
