/**
 * Entries in stored form, written one after the other into pages of bytes that they share.
 *
 * Perf: a buffer of its own for each key and value was most of the work of a seal. A page is
 * small beside an epoch, and is gone when what is in it was written.
 */
import { writeBucketKey } from '../record/format/state-key.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { KeyTable } from './key-table.ts'
import type { StateEntry } from './state-backend.ts'

const PAGE_BYTES = 64 * 1024

/**
 * Perf: says where its bytes are. A view of each key and value takes several times as much as they
 * do, and there are many of them until an epoch has been kept.
 */
export class WrittenEntry implements StateEntry {
  readonly page: Buffer
  readonly start: number
  readonly keyEnd: number
  /** Of the value; -1: it is gone. */
  readonly end: number

  constructor(page: Buffer, start: number, keyEnd: number, end: number) {
    this.page = page
    this.start = start
    this.keyEnd = keyEnd
    this.end = end
  }

  /** @param entry anybody's; copied, unless it is one of these */
  static of(entry: StateEntry): WrittenEntry {
    if (entry instanceof WrittenEntry) return entry
    const { key, value } = entry
    const page = Buffer.concat(value === null ? [key] : [key, value])
    return new WrittenEntry(page, 0, key.length, value === null ? -1 : page.length)
  }

  get key(): Buffer {
    return this.page.subarray(this.start, this.keyEnd)
  }

  get value(): Buffer | null {
    return this.end < 0 ? null : this.page.subarray(this.keyEnd, this.end)
  }

  /** Of key and value. */
  get bytes(): number {
    return Math.max(this.keyEnd, this.end) - this.start
  }
}

export class EntryWriter {
  /** Where values are written. */
  readonly out: ByteWriter = new ByteWriter(PAGE_BYTES)
  readonly #entries: StateEntry[] = []
  /** Ends of keys and values in the page; the value that is gone ends at -1. */
  #ends: number[] = []

  /** Begins an entry: its key, the number `id` in `keys`. */
  key(store: number, bucket: number, keys: KeyTable, id: number): void {
    writeBucketKey(store, bucket, this.out)
    this.out.range(keys.data, keys.startOf(id), keys.sizeOf(id))
    this.#ends.push(this.out.size)
  }

  /** The bytes of the value. */
  endValue(): number {
    const { size } = this.out
    const bytes = size - (this.#ends.at(-1) as number)
    this.#ends.push(size)
    if (size >= PAGE_BYTES) this.#endPage()
    return bytes
  }

  endGone(): void {
    this.#ends.push(-1)
    if (this.out.size >= PAGE_BYTES) this.#endPage()
  }

  /** All entries; nothing may be written after. */
  take(): readonly StateEntry[] {
    this.#endPage()
    return this.#entries
  }

  #endPage(): void {
    const ends = this.#ends
    const page = this.out.take()
    let start = 0
    for (let i = 0; i < ends.length; i += 2) {
      const keyEnd = ends[i] as number
      const end = ends[i + 1] as number
      this.#entries.push(new WrittenEntry(page, start, keyEnd, end))
      start = Math.max(keyEnd, end)
    }
    this.#ends = []
  }
}
