import type { OffsetCommit } from '@millrace/core'
import type { WireApi } from './wire-api.ts'

/** A member of a group, as its coordinator knows it. */
export interface Membership {
  readonly groupId: string
  readonly memberId: string
  readonly generation: number
  readonly instanceId: string | null
}

export interface TransactionOffsets extends Membership {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly epoch: number
  readonly offsets: readonly OffsetCommit[]
}

/**
 * Offsets of a group that become visible with the transaction. The coordinator of the group adds
 * itself to the transaction (KIP-890), and refuses who is not a member now (KIP-447).
 */
export const TRANSACTION_OFFSETS: WireApi<TransactionOffsets, { readonly errorCode: number }> = {
  name: 'TxnOffsetCommit',
  key: 28,
  versions: [5, 5],
  flexibleFrom: 3,
  encode(request, _version, out) {
    out.compactText(request.transactionalId).compactText(request.groupId)
    out.bigint64(request.producerId).int16(request.epoch)
    out.int32(request.generation).compactText(request.memberId).compactText(request.instanceId)
    out.compactArray(byTopic(request.offsets), ([topic, offsets]) => {
      out.compactText(topic)
      out.compactArray(offsets, ({ partition, offset, metadata }) => {
        out.int32(partition).int64(offset).int32(-1).compactText(ended(metadata)).noTags()
      })
      out.noTags()
    })
    out.noTags()
  },
  decode(from) {
    from.int32()
    const codes = from.compactArray(3, () => {
      from.compactText()
      const ofTopic = from.compactArray(7, () => {
        from.int32()
        const errorCode = from.int16()
        from.tags()
        return errorCode
      })
      from.tags()
      return ofTopic
    })
    return { errorCode: codes.flat().find(code => code !== 0) ?? 0 }
  },
}

/** The client that reads it back takes the last byte for the end of a C string. */
function ended(metadata: string): string {
  return metadata === '' ? '' : `${metadata}\0`
}

function byTopic(offsets: readonly OffsetCommit[]): [string, OffsetCommit[]][] {
  const topics = new Map<string, OffsetCommit[]>()
  for (const offset of offsets) {
    const others = topics.get(offset.topic)
    if (others === undefined) topics.set(offset.topic, [offset])
    else others.push(offset)
  }
  return [...topics]
}
