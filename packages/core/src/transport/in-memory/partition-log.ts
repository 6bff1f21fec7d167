/**
 * The log of one partition in memory: offsets ascending, gaps allowed, read without a copy.
 *
 * Records lie in segments of growing columns. A read gives a window into one segment; what was read
 * stays as it is, whatever becomes of the log. As in Kafka, `end` is the high watermark, and
 * nothing at or beyond `lastStableOffset` can be read: an open transaction holds it at the
 * transaction's first offset, and its end takes up one offset for a control record, which leaves a
 * gap. Records of an aborted transaction, and those that compaction removes, leave gaps too.
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

/** The part of an open transaction that is in one partition. */
export interface LogTransaction {
  append(raw: RawRecords, index: number): void
  /** Makes its records readable, or removes them. Only the first call counts. */
  end(isCommitted: boolean): void
}

type IsRemoved = (records: RawRecords, index: number, offset: number) => boolean

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
    return Math.max(offset, this.#earliest)
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

  /** Opens a transaction here. */
  begin(): LogTransaction {
    const hold = { offset: this.#end }
    const own = new Set<number>()
    this.#holds.add(hold)
    return {
      append: (raw, index) => {
        own.add(this.#end)
        this.append(raw, index)
      },
      end: isCommitted => {
        if (!this.#holds.delete(hold)) return
        if (!isCommitted) this.#remove(hold.offset, (_, __, offset) => own.has(offset))
        this.skip(1)
      },
    }
  }

  /**
   * Keeps only the last record of each key among those before the last stable offset. Records with
   * a null key stay. Tombstones stay unless they are dropped.
   */
  compact(areTombstonesDropped: boolean): void {
    const stable = this.lastStableOffset
    const last = new Map<string, number>()
    for (const { records, offsets } of this.#segments) {
      const raw = records.view(0, records.count)
      for (const [i, offset] of offsets.entries()) {
        const key = offset < stable ? keyText(raw, i) : null
        if (key !== null) last.set(key, offset)
      }
    }
    this.#remove(0, (raw, i, offset) => {
      const key = keyText(raw, i)
      if (key === null || offset >= stable) return false
      const isTombstone = (raw.valueSize[i] as number) < 0
      return last.get(key) !== offset || (isTombstone && areTombstonesDropped)
    })
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

  /** Writes the segments that reach `from` anew, for what was read of the old ones stays. */
  #remove(from: number, isRemoved: IsRemoved): void {
    const segments = this.#segments.map(segment => {
      return (segment.offsets.at(-1) as number) < from ? segment : without(segment, isRemoved)
    })
    this.#segments = segments.filter(({ offsets }) => offsets.length > 0)
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

function without({ records, offsets }: Segment, isRemoved: IsRemoved): Segment {
  const kept: Segment = { records: new RawRecordsBuilder(), offsets: [] }
  const raw = records.view(0, records.count)
  for (const [i, offset] of offsets.entries()) {
    if (isRemoved(raw, i, offset)) continue
    kept.records.copyRecord(raw, i)
    kept.offsets.push(offset)
  }
  return kept
}

/** A text that is equal for equal bytes; null for the null key. */
function keyText({ data, keyStart, keySize }: RawRecords, index: number): string | null {
  const start = keyStart[index] as number
  const size = keySize[index] as number
  return size < 0 ? null : data.toString('latin1', start, start + size)
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
