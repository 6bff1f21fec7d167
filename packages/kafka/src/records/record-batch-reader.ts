/**
 * The records of one partition, from the bytes of its log as brokers give them to positions: no
 * object per record. https://kafka.apache.org/documentation/#messageformat
 *
 *   batch  = base offset i64 | length i32 | leader epoch i32 | magic i8 = 2 | CRC-32C u32
 *            | attributes i16 | last offset delta i32 | first and greatest timestamp i64 | producer
 *            id i64, epoch i16 | first sequence i32 | count i32 | records, compressed or not
 *   record = length | attributes i8 | timestamp delta | offset delta | key size, key
 *            | value size, value | number of headers, headers      (numbers: zig-zag varints)
 *   attributes: bits 0-2 codec, 3 append time, 4 transactional, 5 control
 *
 * Only committed records are given: those of a transaction in the list of aborted ones are passed
 * over, from its first offset to its control batch. The position is that behind whole batches, so
 * gaps, control batches and aborted records move it too. Nothing is read before it is checked
 * against what there is.
 */
import { MillraceError, type RawBatch } from '@millrace/core'
import { crc32c } from '@node-rs/crc32'
import { CODECS } from './codecs/codecs.ts'
import { RecordParser, type Segment } from './record-parser.ts'
import { inflatedBodies, recordColumns } from './used-again.ts'

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** What a broker gave for one partition: whole batches, the last one perhaps cut off. */
export interface FetchedRecords {
  readonly data: Buffer
  readonly start: number
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
  /** Told when nothing that was read refers to `data`; where something does, never. */
  readonly done?: () => void
}

export interface ReaderOptions {
  readonly checkCrc: boolean
  /** Of one batch, inflated. */
  readonly bytesMax: number
}

interface Chunk extends FetchedRecords {
  at: number
  nextAborted: number
  /** Producers inside a transaction that was aborted; each fetch lists those that reach into it. */
  readonly aborting: Set<bigint>
  /** Records were given out as they lie in `data`. */
  isGiven: boolean
}

/** Segments with one buffer. */
interface Page {
  readonly data: Buffer
  readonly segments: Segment[]
  /** As they came. */
  readonly bytes: number
}

const HEAD_BYTES = 61
/** Small compressed batches are put together up to this: else those of one record came alone. */
const JOINED_BYTES = 128 * 1024
/** Of one page. Taking the first off a much longer list moves all the others. */
const SEGMENTS_MAX = 8192
const CODEC_BITS = 7
const APPEND_TIME = 8
const TRANSACTIONAL = 16
const CONTROL = 32
const ABORT = 0

export class RecordBatchReader {
  readonly #topic: string
  readonly #partition: number
  readonly #options: ReaderOptions
  readonly #parser: RecordParser
  readonly #chunks: Chunk[] = []
  #page: Page | null = null
  #position: number
  #fetchOffset: number
  #bytes = 0

  constructor(topic: string, partition: number, offset: number, options: ReaderOptions) {
    this.#topic = topic
    this.#partition = partition
    this.#options = options
    this.#position = offset
    this.#fetchOffset = offset
    this.#parser = new RecordParser()
  }

  /** The offset to read next. */
  get position(): number {
    return this.#position
  }

  /** The offset to fetch next: behind all that was added. */
  get fetchOffset(): number {
    return this.#fetchOffset
  }

  /** Of what was not read yet, as it came. */
  get bytes(): number {
    return this.#bytes
  }

  /** @throws LOG_CORRUPT when there is not even one whole batch. */
  add(fetched: FetchedRecords): void {
    const end = this.#endOfWhole(fetched)
    if (end === fetched.start) {
      const { length } = fetched.data
      throw this.#corrupt(
        'a whole batch',
        `the first ${fetched.end - fetched.start} of ${length} bytes`,
      )
    }
    // Brokers list them as they ended; the reader meets them as they began.
    const aborted = fetched.aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
    const at = fetched.start
    const own = { aborting: new Set<bigint>(), isGiven: false }
    this.#chunks.push({ ...fetched, ...own, aborted, end, at, nextAborted: 0 })
    this.#bytes += end - fetched.start
  }

  /**
   * The next records, `recordsMax` at most; null when nothing is left.
   * @throws LOG_CORRUPT
   */
  next(recordsMax: number): RawBatch | null {
    for (;;) {
      const page = this.#page ?? this.#nextPage()
      if (page === null) return null
      const place = { topic: this.#topic, partition: this.#partition, from: this.#position }
      const batch = this.#parse(page, recordsMax, place)
      this.#position = batch.nextOffset
      const isLast = page.segments.length === 0
      this.#page = isLast ? null : page
      if (isLast) this.#bytes -= page.bytes
      if (batch.count === 0) continue
      return { ...batch, done: () => giveBack(batch, isLast ? page : null) }
    }
  }

  #parse(
    page: Page,
    recordsMax: number,
    place: { topic: string; partition: number; from: number },
  ) {
    try {
      return this.#parser.take(page.data, page.segments, recordsMax, place)
    } catch (error) {
      if (error instanceof RangeError) throw this.#corrupt('records of the format', error.message)
      throw error
    }
  }

  /** Where the last whole batch ends. */
  #endOfWhole({ data, start, end }: FetchedRecords): number {
    let at = start
    while (at + HEAD_BYTES <= end) {
      const length = data.readInt32BE(at + 8)
      if (length < HEAD_BYTES - 12) throw this.#corrupt('a length of 49 or more', String(length))
      if (at + 12 + length > end) break
      const magic = data[at + 16]
      if (magic !== 2) throw this.#corrupt('batches of format 2', `format ${magic}`)
      this.#fetchOffset = this.#lastOffset(data, at) + 1
      at += 12 + length
    }
    return at
  }

  #lastOffset(data: Buffer, at: number): number {
    const delta = data.readInt32BE(at + 23)
    const last = Number(data.readBigInt64BE(at)) + delta
    if (delta < 0 || last < 0 || !Number.isSafeInteger(last)) {
      throw this.#corrupt('an offset', `${data.readBigInt64BE(at)} + ${delta}`)
    }
    return last
  }

  #nextPage(): Page | null {
    const chunk = this.#chunks[0]
    if (chunk === undefined) return null
    const from = chunk.at
    const page = this.#isCompressed(chunk) ? this.#inflated(chunk) : this.#plain(chunk)
    if (chunk.at >= chunk.end) {
      this.#chunks.shift()
      if (!chunk.isGiven) chunk.done?.()
    }
    return { ...page, bytes: chunk.at - from }
  }

  #isCompressed({ data, at }: Chunk): boolean {
    return (data.readInt16BE(at + 21) & CODEC_BITS) !== 0
  }

  /** Batches up to the next compressed one, as they lie. */
  #plain(chunk: Chunk): Omit<Page, 'bytes'> {
    const segments: Segment[] = []
    chunk.isGiven = true
    while (chunk.at < chunk.end && !this.#isCompressed(chunk) && segments.length < SEGMENTS_MAX) {
      const { at } = chunk
      segments.push(this.#segment(chunk, at + HEAD_BYTES, this.#endOf(chunk)))
    }
    return { data: chunk.data, segments }
  }

  /** A large batch, or as many small ones as make one. */
  #inflated(chunk: Chunk): Omit<Page, 'bytes'> {
    const bodies: Buffer[] = []
    const segments: Segment[] = []
    let size = 0
    while (chunk.at < chunk.end && this.#isCompressed(chunk) && size < JOINED_BYTES) {
      const { data, at } = chunk
      const end = this.#endOf(chunk)
      const segment = this.#segment(chunk, size, size)
      if (segment.left > 0) {
        const body = this.#inflate(data.subarray(at + HEAD_BYTES, end), data.readInt16BE(at + 21))
        bodies.push(body)
        size += body.length
        segment.end = size
      }
      segments.push(segment)
    }
    const [first = Buffer.alloc(0), second] = bodies
    return { data: second === undefined ? first : Buffer.concat(bodies, size), segments }
  }

  #endOf({ data, at }: Chunk): number {
    return at + 12 + data.readInt32BE(at + 8)
  }

  #inflate(bytes: Buffer, attributes: number): Buffer {
    const codec = CODECS[attributes & CODEC_BITS]
    if (codec === undefined || codec === null) {
      throw this.#corrupt('a known compression', `number ${attributes & CODEC_BITS}`)
    }
    try {
      return codec.inflate(bytes, this.#options.bytesMax)
    } catch (error) {
      const { message } = error as Error
      throw this.#corrupt(`a batch compressed by ${codec.name}`, message)
    }
  }

  /** Of the batch at hand, whose records lie from `start` to `end`; goes on to the next. */
  #segment(chunk: Chunk, start: number, end: number): Segment {
    const { data, at } = chunk
    const batchEnd = this.#endOf(chunk)
    if (this.#options.checkCrc) this.#checkCrc(data, at, batchEnd)
    const lastOffset = this.#lastOffset(data, at)
    const attributes = data.readInt16BE(at + 21)
    const count = data.readInt32BE(at + 57)
    if (count < 0) throw this.#corrupt('a number of records', String(count))
    const isGiven = !this.#isAborted(chunk, attributes, lastOffset)
    chunk.at = batchEnd
    const left = isGiven && lastOffset >= this.#position ? count : 0
    return {
      at: left === 0 ? end : start,
      end,
      left,
      baseOffset: Number(data.readBigInt64BE(at)),
      firstTimestamp: Number(data.readBigInt64BE(at + 27)),
      appendTimestamp:
        (attributes & APPEND_TIME) === 0 ? null : Number(data.readBigInt64BE(at + 35)),
      nextOffset: lastOffset + 1,
    }
  }

  #checkCrc(data: Buffer, at: number, end: number): void {
    const expected = data.readUInt32BE(at + 17)
    const got = crc32c(data.subarray(at + 21, end))
    if (got !== expected) {
      throw this.#corrupt(`bytes whose CRC-32C is ${expected}`, `${got}: they were changed`)
    }
  }

  /** Control batches, and those of aborted transactions. */
  #isAborted(chunk: Chunk, attributes: number, lastOffset: number): boolean {
    const { data, at, aborted, aborting } = chunk
    if ((attributes & (TRANSACTIONAL | CONTROL)) === 0) return false
    for (; chunk.nextAborted < aborted.length; chunk.nextAborted++) {
      const next = aborted[chunk.nextAborted] as AbortedTransaction
      if (next.firstOffset > lastOffset) break
      aborting.add(next.producerId)
    }
    if (aborting.size === 0) return (attributes & CONTROL) !== 0
    const producerId = data.readBigInt64BE(at + 43)
    if ((attributes & CONTROL) === 0) return aborting.has(producerId)
    if (this.#controlType(chunk) === ABORT) aborting.delete(producerId)
    return true
  }

  /**
   * The key of its one record: version i16, type i16. Control batches are never compressed;
   * compaction may leave one without its record, which ends nothing: null.
   */
  #controlType(chunk: Chunk): number | null {
    const { data, at } = chunk
    if (data.readInt32BE(at + 57) === 0) return null
    try {
      return this.#parser.controlType(data, at + HEAD_BYTES, this.#endOf(chunk))
    } catch (error) {
      if (error instanceof RangeError) throw this.#corrupt('a control record', error.message)
      throw error
    }
  }

  #corrupt(expected: string, got: string): MillraceError {
    return new MillraceError(
      'LOG_CORRUPT',
      `the log of the partition cannot be read: expected ${expected}, got ${got}. Check the disk ` +
        'and the log of the broker; reading can go on behind the damage under a new offset.',
      { topic: this.#topic, partition: this.#partition, offset: this.#position },
    )
  }
}

/** @param page of which it was the last batch, or null */
function giveBack({ timestamps }: RawBatch, page: Page | null): void {
  recordColumns.give(timestamps)
  if (page !== null) inflatedBodies.give(page.data)
}
