/**
 * Which brokers there are, and who leads the partitions of topics.
 *
 * https://kafka.apache.org/protocol#The_Messages_Metadata
 */
import type { WireApi } from './wire-api.ts'

export interface BrokerAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface TopicMetadata {
  readonly errorCode: number
  readonly name: string
  /** '' = the broker has no ids. */
  readonly id: string
  readonly partitions: readonly {
    readonly errorCode: number
    readonly partition: number
    /** -1 = nobody. */
    readonly leader: number
    readonly leaderEpoch: number
  }[]
}

export interface Metadata {
  readonly brokers: readonly BrokerAddress[]
  readonly topics: readonly TopicMetadata[]
}

const NO_ID = Buffer.alloc(16)

/** Who leads what; no topic is created by asking. */
export const METADATA: WireApi<readonly string[], Metadata> = {
  name: 'Metadata',
  key: 3,
  versions: [9, 12],
  flexibleFrom: 9,
  encode(topics, version, out) {
    out.compactArray(topics, name => {
      if (version >= 10) out.bytes(NO_ID)
      out.compactText(name).noTags()
    })
    out.int8(0)
    if (version <= 10) out.int8(0)
    out.int8(0).noTags()
  },
  decode(from, version) {
    from.int32()
    const brokers = from.compactArray(10, () => {
      const broker = { id: from.int32(), host: from.compactText() ?? '', port: from.int32() }
      from.compactText()
      from.tags()
      return broker
    })
    from.compactText()
    from.int32()
    const topics = from.compactArray(6, () => {
      const errorCode = from.int16()
      const name = from.compactText() ?? ''
      const uuid = version >= 10 ? from.uuid() : ''
      from.int8()
      const partitions = from.compactArray(18, () => {
        const errorCodeOf = from.int16()
        const partition = from.int32()
        const leader = from.int32()
        const leaderEpoch = from.int32()
        for (let list = 0; list < 3; list++) from.compactArray(4, () => from.int32())
        from.tags()
        return { errorCode: errorCodeOf, partition, leader, leaderEpoch }
      })
      from.int32()
      from.tags()
      return { errorCode, name, id: isNoId(uuid) ? '' : uuid, partitions }
    })
    return { brokers, topics }
  },
}

function isNoId(uuid: string): boolean {
  return uuid === NO_ID.toString('base64')
}
