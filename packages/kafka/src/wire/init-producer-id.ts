/**
 * The id under which batches are numbered, so that one that is sent twice is written once.
 *
 * https://kafka.apache.org/protocol#The_Messages_InitProducerId
 */
import type { WireApi } from './wire-api.ts'

export interface ProducerIdRequest {
  /** Null: for no transactions. */
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
}

export interface ProducerIdAnswer {
  readonly errorCode: number
  readonly producerId: bigint
  readonly epoch: number
}

export const INIT_PRODUCER_ID: WireApi<ProducerIdRequest, ProducerIdAnswer> = {
  name: 'InitProducerId',
  key: 22,
  versions: [3, 5],
  flexibleFrom: 2,
  encode({ transactionalId, transactionTimeoutMs }, _version, out) {
    out.compactText(transactionalId).int32(transactionTimeoutMs)
    // No id before this one.
    out.int64(-1).int16(-1).noTags()
  },
  decode(from) {
    from.int32()
    return { errorCode: from.int16(), producerId: from.int64(), epoch: from.int16() }
  },
}
