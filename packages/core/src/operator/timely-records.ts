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

export class TimelyRecords {
  #indices = new Int32Array(0)
  #keys: Int32Array = new Int32Array(0)
  runs: Run[] = []
  #count = 0
  #last: Run | null = null

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
