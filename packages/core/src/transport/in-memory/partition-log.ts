/**
 * The log of one partition in memory: offsets ascending, gaps allowed, read without a copy.
 *
 * Records lie in segments of growing columns. A read gives a window into one segment; what was read
 * stays as it is while the log grows. As in Kafka, `end` is the high watermark, and nothing at or
 * beyond `lastStableOffset` can be read: an open transaction holds it at the transaction's first
 * offset, and its end takes up one offset for a control record, which leaves a gap.
 */
import type { RawRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'

/** A segment is closed when it holds this much, so that growing it never copies a lot. */
const SEGMENT_BYTES = 4 * 1024 * 1024

interface Segment {
  readonly records: RawRecordsBuilder
  /** Ascending; one per record. */
  readonly offsets: number[]
}

export interface LogRead {
  readonly records: RawRecords
  readonly offsets: Float64Array
  /** Behind gaps as far as records can be read. */
  readonly nextOffset: number
}

export class PartitionLog {
  #segments: Segment[] = []
  #earliest = 0
  #end = 0
  readonly #holds = new Set<{ readonly offset: number }>()

  /** The first offset that may be read. */
  get earliest(): number {
    return this.#earliest
  }

  /** High watermark: the offset of the next record appended. */
  get end(): number {
    return this.#end
  }

  get lastStableOffset(): number {
    let offset = this.#end
    for (const hold of this.#holds) offset = Math.min(offset, hold.offset)
    return offset
  }

  append(raw: RawRecords, index: number): void {
    const segment = this.#tail()
    segment.records.copyRecord(raw, index)
    segment.offsets.push(this.#end++)
  }

  /** Uses up offsets that no record has, as control records and compaction do. */
  skip(count: number): void {
    this.#end += count
  }

  /** Forgets the records before `offset`. */
  trim(offset: number): void {
    this.#earliest = Math.max(this.#earliest, Math.min(offset, this.#end))
    const isGone = ({ offsets }: Segment): boolean => (offsets.at(-1) as number) < this.#earliest
    this.#segments = this.#segments.filter(segment => !isGone(segment))
  }

  /** Opens a transaction here; the function given ends it with a control record. */
  hold(): () => void {
    const hold = { offset: this.#end }
    this.#holds.add(hold)
    return () => {
      if (this.#holds.delete(hold)) this.skip(1)
    }
  }

  /**
   * The offset of the first record that can be read at or behind `offset`; without one, where it
   * will come.
   */
  nextReadable(offset: number): number {
    const stable = this.lastStableOffset
    const segment = this.#segmentAt(offset)
    const found = segment?.offsets[lowerBound(segment.offsets, offset)] ?? stable
    return Math.max(offset, Math.min(found, stable))
  }

  /**
   * Records from `offset` on within the limits, at least one if there is one; null = none to be
   * read.
   */
  read(offset: number, recordsMax: number, bytesMax: number): LogRead | null {
    const stable = this.lastStableOffset
    const segment = this.#segmentAt(offset)
    if (segment === undefined) return null
    const { records, offsets } = segment
    const from = lowerBound(offsets, offset)
    const all = records.view(0, records.count)
    let to = from
    let bytes = 0
    while (to < offsets.length && to - from < recordsMax && (offsets[to] as number) < stable) {
      bytes += recordBytes(all, to)
      if (to > from && bytes > bytesMax) break
      to++
    }
    if (to === from) return null
    return {
      records: records.view(from, to),
      offsets: Float64Array.from(offsets.slice(from, to)),
      nextOffset: this.nextReadable((offsets[to - 1] as number) + 1),
    }
  }

  #tail(): Segment {
    const last = this.#segments.at(-1)
    if (last !== undefined && last.records.dataBytes < SEGMENT_BYTES) return last
    const segment: Segment = { records: new RawRecordsBuilder(), offsets: [] }
    this.#segments.push(segment)
    return segment
  }

  /** The segment with the first record at or behind `offset`. */
  #segmentAt(offset: number): Segment | undefined {
    const lasts = this.#segments.map(segment => segment.offsets.at(-1) as number)
    return this.#segments[lowerBound(lasts, offset)]
  }
}

function recordBytes(raw: RawRecords, index: number): number {
  const key = Math.max(0, raw.keySize[index] as number)
  const value = Math.max(0, raw.valueSize[index] as number)
  return key + value + (raw.headersSize[index] as number)
}

/** Index of the first element that is not less than `value`. */
function lowerBound(ascending: readonly number[], value: number): number {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ascending[middle] as number) < value) from = middle + 1
    else to = middle
  }
  return from
}
