/**
 * The records of a batch that windows take, with the numbers of their keys; in runs of neighbours
 * that have the same last window.
 */
import type { ByteRanges, KeyTable } from '../state/key-table.ts'

export interface Run {
  /** Numbers of its records among those added; `to` is not one of them. */
  readonly from: number
  to: number
  /** Where the last window that holds a record of it ends. */
  readonly lastEnd: number
  greatestTime: number
  /** Of those before its records. */
  greatestWatermark: number
}

/** Records by their places in the batch, with the numbers of their keys. */
interface Keyed {
  readonly indices: Int32Array
  readonly keys: Int32Array
}

/** Fewer records are not worth it. */
const SORTED_MIN = 128
/** Parts of the keys that records are sorted by. */
const PARTS_BITS = 11
const PARTS = 1 << PARTS_BITS

export class TimelyRecords {
  #indices = new Int32Array(0)
  #keys: Int32Array = new Int32Array(0)
  runs: Run[] = []
  #count = 0
  #last: Run | null = null
  #sortedIndices = new Int32Array(0)
  #sortedKeys = new Int32Array(0)
  readonly #ends = new Int32Array(PARTS)

  /** Begins anew, with room for so many. */
  begin(records: number): void {
    this.runs = []
    this.#last = null
    this.#count = 0
    if (this.#indices.length >= records) return
    this.#indices = new Int32Array(records)
  }

  add(index: number, lastEnd: number, time: number, watermark: number): void {
    this.#indices[this.#count] = index
    let run = this.#last
    if (run === null || run.lastEnd !== lastEnd) run = this.#begin(lastEnd)
    run.to = ++this.#count
    if (time > run.greatestTime) run.greatestTime = time
    if (watermark > run.greatestWatermark) run.greatestWatermark = watermark
  }

  /** All were added; their keys are looked up. */
  end(table: KeyTable, keys: ByteRanges): void {
    this.#keys = table.atAll(keys, this.#indices.subarray(0, this.#count))
  }

  /**
   * Sorts each run by the numbers of its keys, roughly; records of one key stay in their order.
   * Perf: keys that were met one after the other have their entries side by side in every window.
   * Of ten windows with 10,000 keys each, entries are further away than the near caches.
   */
  sortByKey(): void {
    for (const run of this.runs) if (run.to - run.from >= SORTED_MIN) this.#sort(this.of(run))
  }

  #sort({ indices, keys }: Keyed): void {
    const { length } = keys
    if (this.#sortedKeys.length < length) {
      this.#sortedKeys = new Int32Array(length)
      this.#sortedIndices = new Int32Array(length)
    }
    const [sortedKeys, sortedIndices] = [this.#sortedKeys, this.#sortedIndices]
    let all = 0
    for (let i = 0; i < length; i++) all |= keys[i] as number
    const shift = Math.max(0, 32 - Math.clz32(all) - PARTS_BITS)
    const ends = this.#ends.fill(0)
    for (let i = 0; i < length; i++) {
      const part = (keys[i] as number) >>> shift
      ends[part] = (ends[part] as number) + 1
    }
    for (let part = 1; part < PARTS; part++) {
      ends[part] = (ends[part] as number) + (ends[part - 1] as number)
    }
    for (let i = length - 1; i >= 0; i--) {
      const part = (keys[i] as number) >>> shift
      const to = (ends[part] as number) - 1
      ends[part] = to
      sortedKeys[to] = keys[i] as number
      sortedIndices[to] = indices[i] as number
    }
    keys.set(sortedKeys.subarray(0, length))
    indices.set(sortedIndices.subarray(0, length))
  }

  of({ from, to }: Run): Keyed {
    return { indices: this.#indices.subarray(from, to), keys: this.#keys.subarray(from, to) }
  }

  #begin(lastEnd: number): Run {
    const least = Number.NEGATIVE_INFINITY
    const from = this.#count
    const run = { from, to: from, lastEnd, greatestTime: least, greatestWatermark: least }
    this.runs.push(run)
    this.#last = run
    return run
  }
}

/** Some of them. */
export function chosen({ indices, keys }: Keyed, isChosen: (index: number) => boolean): Keyed {
  const places = indices
    .map((_, place) => place)
    .filter(place => isChosen(indices[place] as number))
  const of = (array: Int32Array): Int32Array => places.map(place => array[place] as number)
  return { indices: of(indices), keys: of(keys) }
}
