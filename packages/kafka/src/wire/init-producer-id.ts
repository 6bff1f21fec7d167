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
  /** The producer that goes on under a new epoch, unless another has taken over; -1 = a new one. */
  readonly producerId: bigint
  readonly epoch: number
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
  encode({ transactionalId, transactionTimeoutMs, producerId, epoch }, _version, out) {
    out.compactText(transactionalId).int32(transactionTimeoutMs)
    out.bigint64(producerId).int16(epoch).noTags()
  },
  decode(from) {
    from.int32()
    return { errorCode: from.int16(), producerId: from.int64(), epoch: from.int16() }
  },
}
