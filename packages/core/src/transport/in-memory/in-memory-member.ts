/**
 * A member of a group as its client holds it.
 *
 * `committed` gives stable offsets only, as Kafka does when asked so: while an open transaction
 * holds back offsets of the partitions asked for, it waits until that transaction is decided, at
 * the latest by its timeout. Otherwise a new owner would begin where the old one has gone on.
 */
import { assert } from '../../util/assert.ts'
import type { GroupMember, GroupOptions } from '../transport.ts'
import type { ClientLine } from './client-line.ts'
import type { ConsumerGroup, Membership } from './consumer-group.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'

export interface MemberIdentity {
  readonly group: ConsumerGroup
  readonly membership: Membership
}

const IDENTITY: unique symbol = Symbol('in-memory member')

type InMemoryMember = GroupMember & { readonly [IDENTITY]?: MemberIdentity }

/** Who a member is to the broker. */
export function membershipOf(member: InMemoryMember): MemberIdentity {
  const identity = member[IDENTITY]
  assert(identity !== undefined, 'the member of a transaction comes from the same transport')
  return identity
}

export async function joinGroup(
  broker: InMemoryBroker,
  line: ClientLine,
  options: GroupOptions,
): Promise<GroupMember> {
  const group = broker.group(options.groupId)
  const membership = await line.call('join', () => {
    broker.reach()
    const joined: Membership = group.join(
      overLine(line, options, () => joined.isIn),
      line,
    )
    return joined
  })
  const member: InMemoryMember = {
    [IDENTITY]: { group, membership },
    committed: partitions =>
      line.call('committed', async () => {
        broker.reach()
        while (group.offsets.arePending(partitions)) {
          await broker.changes.next()
          broker.reach()
        }
        return partitions.flatMap(p => group.offsets.get(p.topic, p.partition) ?? [])
      }),
    commit: offsets => {
      const { generation } = membership
      return line.call('commit', () => {
        broker.reach()
        group.commit(membership, offsets, generation)
      })
    },
    leave: () => line.call('leave', () => group.leave(membership)),
  }
  return member
}

/** What the group says reaches the client when it can hear it. */
function overLine(line: ClientLine, options: GroupOptions, isIn: () => boolean): GroupOptions {
  const assign: GroupOptions['onAssigned'] = partitions => {
    try {
      options.onAssigned(partitions)
    } catch (error) {
      options.onError(error as Error)
    }
  }
  return {
    groupId: options.groupId,
    topics: options.topics,
    onAssigned: partitions => line.tell(() => assign(partitions)),
    onRevoked: async partitions => {
      if (line.isHanging) await line.awake()
      // Who was expelled meanwhile is told that they are lost.
      if (isIn()) await options.onRevoked(partitions)
    },
    onLost: partitions => {
      if (!line.isHanging) return options.onLost(partitions)
      return line.awake().then(() => options.onLost(partitions))
    },
    onError: error => line.tell(() => options.onError(error)),
  }
}
