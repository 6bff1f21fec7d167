/**
 * Records of partitions, as the bytes of their log: committed ones, as far as the broker can tell.
 *
 * Topics are named up to version 12, and told by their ids from 13 on. There are no fetch sessions:
 * each request says everything. The bytes of an answer are a view into it.
 */
import type { AbortedTransaction, FetchedRecords } from '../records/record-batch-reader.ts'
import type { WireApi } from './wire-api.ts'
import type { WireReader } from './wire-reader.ts'

export interface FetchRequest {
  readonly waitMs: number
  readonly bytesMin: number
  readonly bytesMax: number
  readonly rack: string
  readonly topics: readonly {
    readonly name: string
    readonly id: string
    readonly partitions: readonly {
      readonly partition: number
      readonly leaderEpoch: number
      readonly offset: number
      readonly bytesMax: number
    }[]
  }[]
}

export interface FetchedTopic {
  /** Its name, or its id from version 13 on. */
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly errorCode: number
    readonly highWatermark: number
    readonly lastStableOffset: number
    readonly preferredReplica: number
    readonly records: FetchedRecords
  }[]
}

export interface FetchResponse {
  readonly throttleMs: number
  readonly errorCode: number
  readonly topics: readonly FetchedTopic[]
}

const READ_COMMITTED = 1
const BY_ID_FROM = 13

export const FETCH: WireApi<FetchRequest, FetchResponse> = {
  name: 'Fetch',
  key: 1,
  versions: [12, 16],
  flexibleFrom: 12,
  encode({ waitMs, bytesMin, bytesMax, rack, topics }, version, out) {
    // Who asks: a consumer. From version 15 on that need not be said.
    if (version < 15) out.int32(-1)
    out.int32(waitMs).int32(bytesMin).int32(bytesMax).int8(READ_COMMITTED)
    out.int32(0).int32(-1)
    out.compactArray(topics, ({ name, id, partitions }) => {
      if (version < BY_ID_FROM) out.compactText(name)
      else out.bytes(Buffer.from(id, 'base64'))
      out.compactArray(partitions, each => {
        out.int32(each.partition).int32(each.leaderEpoch).int64(each.offset)
        out.int32(-1).int64(-1).int32(each.bytesMax).noTags()
      })
      out.noTags()
    })
    out
      .compactArray([], () => {})
      .compactText(rack)
      .noTags()
  },
  decode(from, version) {
    const throttleMs = from.int32()
    const errorCode = from.int16()
    from.int32()
    const topics = from.compactArray(3, () => {
      const topic = version < BY_ID_FROM ? (from.compactText() ?? '') : from.uuid()
      const partitions = from.compactArray(36, () => decodePartition(from))
      from.tags()
      return { topic, partitions }
    })
    return { throttleMs, errorCode, topics }
  },
}

/** For topics without ids. */
export const FETCH_BY_NAME: WireApi<FetchRequest, FetchResponse> = { ...FETCH, versions: [12, 12] }

function decodePartition(from: WireReader): FetchedTopic['partitions'][number] {
  const partition = from.int32()
  const errorCode = from.int16()
  const highWatermark = from.offset()
  const lastStableOffset = from.offset()
  from.int64()
  const aborted: AbortedTransaction[] = from.compactArray(17, () => {
    const transaction = { producerId: from.int64(), firstOffset: from.offset() }
    from.tags()
    return transaction
  })
  const preferredReplica = from.int32()
  const size = Math.max(0, from.unsigned() - 1)
  const start = from.position
  from.skip(size)
  from.tags()
  const records = { data: from.data, start, end: start + size, aborted }
  return { partition, errorCode, highWatermark, lastStableOffset, preferredReplica, records }
}
