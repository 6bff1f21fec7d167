/**
 * Records as positions into one byte buffer: what a fetcher hands in and a producer takes.
 *
 * `size` -1 means null (null key, null value). Headers of record i are the bytes
 * `data[headersStart[i], headersStart[i] + headersSize[i])` in the wire form of a Kafka record
 * batch: varint count, then per header varint name size, name, varint value size (-1 = null), value
 * (zig-zag varints). Size 0 = no headers.
 */
export interface RawRecords {
  readonly count: number
  readonly data: Buffer
  readonly keyStart: Int32Array
  readonly keySize: Int32Array
  readonly valueStart: Int32Array
  readonly valueSize: Int32Array
  readonly headersStart: Int32Array
  readonly headersSize: Int32Array
  /** Epoch milliseconds. */
  readonly timestamps: Float64Array
}

/** Records read from one partition, ascending offsets, gaps allowed. */
export interface RawBatch extends RawRecords {
  readonly topic: string
  readonly partition: number
  readonly offsets: Float64Array
  /** The offset to read next after this batch; behind gaps and control records too. */
  readonly nextOffset: number
  /**
   * To be called when nothing refers to the bytes and arrays any more, of this batch and of those
   * before it from the same partition: they are used for others then. Who keeps something does not
   * call it.
   */
  readonly done?: () => void
}

/** Records to be written to one topic. */
export interface OutgoingRecords extends RawRecords {
  readonly topic: string
  /** Target partition of each record; null = by key with murmur2, at random for null keys. */
  readonly partitions: Int32Array | null
}

/** The records of a batch before an offset. Its next offset stays that of the whole batch. */
export function rawBefore(raw: RawBatch, end: number): RawBatch {
  if (raw.nextOffset <= end) return raw
  let count = 0
  while (count < raw.count && (raw.offsets[count] as number) < end) count++
  return sliceRaw(raw, 0, count)
}

/**
 * Records from (in) to (not in) of a batch, without a copy. Its next offset stays that of the whole
 * batch.
 */
export function sliceRaw(raw: RawBatch, from: number, to: number): RawBatch {
  return {
    ...raw,
    count: to - from,
    keyStart: raw.keyStart.subarray(from, to),
    keySize: raw.keySize.subarray(from, to),
    valueStart: raw.valueStart.subarray(from, to),
    valueSize: raw.valueSize.subarray(from, to),
    headersStart: raw.headersStart.subarray(from, to),
    headersSize: raw.headersSize.subarray(from, to),
    timestamps: raw.timestamps.subarray(from, to),
    offsets: raw.offsets.subarray(from, to),
  }
}
