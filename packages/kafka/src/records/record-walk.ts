/**
 * Records of batches to positions in WebAssembly (wasm/walk.ts), as long as they are plain; the
 * clear version, `parse` of record-parser.ts, goes on where it stops.
 *
 *   memory = [data that lies there already] | columns | [data of the segment at hand]
 *
 * Perf: 4,096 records of 134 bytes, from the bytes of a fetch to positions, against the clear
 * version: 0.88 of the time in one batch by lz4, 0.87 where it is not compressed and so is copied
 * into the memory, 0.89 in batches of 100 that are not; no less in batches of 100 by lz4 (medians
 * of 120 turns in one process, on a busy machine).
 */
import { FREE_FROM, type RecordMemory, recordMemory, SLACK_BYTES } from './record-memory.ts'
import type { Segment } from './record-parser.ts'
import { recordColumns } from './used-again.ts'

/** Of a record in all columns: two doubles and six positions. */
export const COLUMNS_BYTES = 40
/** Of the first segment: to ask for smaller ones costs more than it saves. */
const RECORDS_MIN = 16
/** Longer records cost more to copy than the walk saves. */
const COPIED_BYTES_MAX = 512
/** More is copied than records take on average: some are longer. */
const COPIED_PART = 1.25

export class RecordWalk {
  readonly #memory: RecordMemory
  readonly #recordsMin: number
  #columns = 0
  #room = 0
  /** Where the data lies that is not copied; 0 = it is. */
  #place = 0

  constructor(memory: RecordMemory, recordsMin: number = RECORDS_MIN) {
    this.#memory = memory
    this.#recordsMin = recordsMin
  }

  /** Makes room for the columns of so many records of `data`; false: it is not to be asked. */
  begin(data: Buffer, segments: readonly Segment[], room: number): boolean {
    const first = segments.find(({ left }) => left > 0)
    if (first === undefined || first.left < this.#recordsMin) return false
    this.#place = this.#memory.placeOf(data)
    const from = this.#place === 0 ? FREE_FROM : this.#place + data.length + SLACK_BYTES
    this.#columns = Math.ceil(from / 8) * 8
    this.#room = room
    return this.#memory.reach(this.#columnsEnd)
  }

  /**
   * Takes records off the segment and into columns from number `first` on; those before offset
   * `from` are passed over. Gives the number behind the last one.
   */
  take(data: Buffer, segment: Segment, first: number, from: number): number {
    const { at, end, left, baseOffset, nextOffset, firstTimestamp, appendTimestamp } = segment
    const size = this.#place === 0 ? this.#copy(data, segment, this.#room - first) : end - at
    if (size === 0) return first
    const memory = this.#memory
    const start = this.#place === 0 ? this.#columnsEnd : this.#place + at
    const origin = start - at
    const behind = memory.walk(
      start,
      start + size,
      left,
      origin,
      this.#columns,
      this.#room,
      first,
      from,
      baseOffset,
      nextOffset,
      appendTimestamp ?? firstTimestamp,
      appendTimestamp !== null,
    )
    segment.at = memory.stopped - origin
    segment.left = memory.left
    return behind
  }

  /** Copies what so many records of the segment take, or a little more; gives its size, or 0. */
  #copy(data: Buffer, { at, end, left }: Segment, count: number): number {
    const average = (end - at) / left
    if (average > COPIED_BYTES_MAX) return 0
    const size =
      count < left ? Math.min(end - at, Math.ceil(average * count * COPIED_PART)) : end - at
    if (!this.#memory.reach(this.#columnsEnd + size + SLACK_BYTES)) return 0
    this.#memory.hold(null)
    this.#memory.bytes.set(data.subarray(at, at + size), this.#columnsEnd)
    return size
  }

  /** The columns, as the parser lays them out. */
  columns(): ArrayBuffer {
    const { bytes } = this.#memory
    const columns = recordColumns.take(this.#columnsEnd - this.#columns)
    columns.set(bytes.subarray(this.#columns, this.#columnsEnd))
    return columns.buffer as ArrayBuffer
  }

  get #columnsEnd(): number {
    return this.#columns + this.#room * COLUMNS_BYTES
  }
}

let shared: RecordWalk | null | undefined

/** One of each thread, as its memory is; null where there is none. */
export function recordWalk(): RecordWalk | null {
  if (shared === undefined) {
    const memory = recordMemory()
    shared = memory === null ? null : new RecordWalk(memory)
  }
  return shared
}
