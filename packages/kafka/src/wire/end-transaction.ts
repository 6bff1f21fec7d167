import type { WireApi } from './wire-api.ts'

export interface TransactionEnd {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly epoch: number
  readonly isCommit: boolean
}

export interface TransactionEnded {
  readonly errorCode: number
  /** Under what the next transaction is written. */
  readonly producerId: bigint
  readonly epoch: number
}

/**
 * Commits or aborts a transaction, and gives the producer its next epoch (KIP-890): what is under
 * way of this one cannot land in the next.
 */
export const END_TRANSACTION: WireApi<TransactionEnd, TransactionEnded> = {
  name: 'EndTxn',
  key: 26,
  versions: [5, 5],
  flexibleFrom: 3,
  encode({ transactionalId, producerId, epoch, isCommit }, _version, out) {
    out.compactText(transactionalId).bigint64(producerId).int16(epoch)
    out.int8(isCommit ? 1 : 0).noTags()
  },
  decode(from) {
    from.int32()
    return { errorCode: from.int16(), producerId: from.int64(), epoch: from.int16() }
  },
}
