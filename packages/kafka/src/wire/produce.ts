/**
 * Record batches to the leader of their partitions, acknowledged by all replicas in sync.
 *
 * https://kafka.apache.org/protocol#The_Messages_Produce
 */
import type { WireApi } from './wire-api.ts'
import type { WireReader } from './wire-reader.ts'

export interface ProduceRequest {
  readonly transactionalId: string | null
  /** How long the leader may wait for its replicas. */
  readonly waitMs: number
  readonly topics: readonly {
    readonly name: string
    /** At most one batch a partition. */
    readonly partitions: readonly { readonly partition: number; readonly batch: Buffer }[]
  }[]
}

export interface ProducedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** Of the first record; -1 = not told. */
  readonly baseOffset: number
  /** In the broker's words; null: it says no more than the code. */
  readonly message: string | null
}

export interface ProduceResponse {
  readonly throttleMs: number
  readonly partitions: readonly ProducedPartition[]
}

const ALL_REPLICAS = -1

export const PRODUCE: WireApi<ProduceRequest, ProduceResponse> = {
  name: 'Produce',
  key: 0,
  versions: [9, 11],
  flexibleFrom: 9,
  encode({ transactionalId, waitMs, topics }, _version, out) {
    out.compactText(transactionalId).int16(ALL_REPLICAS).int32(waitMs)
    out.compactArray(topics, ({ name, partitions }) => {
      out.compactText(name)
      out.compactArray(partitions, ({ partition, batch }) => {
        out.int32(partition)
        out.unsigned(batch.length + 1)
        out.attach(batch).noTags()
      })
      out.noTags()
    })
    out.noTags()
  },
  decode(from) {
    const topics = from.compactArray(3, () => {
      const topic = from.compactText() ?? ''
      const partitions = from.compactArray(33, () => producedPartition(from, topic))
      from.tags()
      return partitions
    })
    return { throttleMs: from.int32(), partitions: topics.flat() }
  },
}

/** The transaction learns of the partition by the batch itself (KIP-890). */
export const PRODUCE_IN_TRANSACTION: WireApi<ProduceRequest, ProduceResponse> = {
  ...PRODUCE,
  versions: [12, 12],
}

function producedPartition(from: WireReader, topic: string): ProducedPartition {
  const partition = from.int32()
  const errorCode = from.int16()
  const baseOffset = from.offset()
  // Time of the log, start of the log.
  for (let each = 0; each < 2; each++) from.int64()
  const errors = from.compactArray(6, () => {
    from.int32()
    const message = from.compactText()
    from.tags()
    return message
  })
  const message = from.compactText() ?? errors.find(each => each !== null) ?? null
  from.tags()
  return { topic, partition, errorCode, baseOffset, message }
}
