import type { WireApi } from './wire-api.ts'

export interface OffsetsAsked {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  /** -2 = the first there is, -1 = behind the last. */
  readonly at: number
}

export interface OffsetFound {
  readonly errorCode: number
  readonly offset: number
}

/** For one partition; open transactions do not hide the end. */
export const LIST_OFFSETS: WireApi<OffsetsAsked, OffsetFound> = {
  name: 'ListOffsets',
  key: 2,
  versions: [5, 7],
  flexibleFrom: 6,
  encode({ topic, partition, leaderEpoch, at }, version, out) {
    out.int32(-1).int8(0)
    if (version < 6) {
      out.int32(1).text(topic).int32(1).int32(partition).int32(leaderEpoch).int64(at)
      return
    }
    out.unsigned(2).compactText(topic)
    out.unsigned(2).int32(partition).int32(leaderEpoch).int64(at).noTags()
    out.noTags().noTags()
  },
  decode(from, version) {
    from.int32()
    const part = (): OffsetFound => {
      from.int32()
      const errorCode = from.int16()
      from.int64()
      const offset = from.offset()
      from.int32()
      if (version >= 6) from.tags()
      return { errorCode, offset }
    }
    const topics =
      version < 6
        ? from.array(6, () => [from.text(), from.array(22, part)] as const)
        : from.compactArray(3, () => {
            const topic = [from.compactText(), from.compactArray(22, part)] as const
            from.tags()
            return topic
          })
    return topics[0]?.[1][0] ?? { errorCode: -1, offset: -1 }
  },
}
