/**
 * Which member of a group owns which partition: balanced, and moving as little as possible.
 *
 * 1. Every member keeps what it owns, as long as it reads that topic.
 * 2. What nobody owns goes to the member with the fewest partitions, the earlier member first.
 * 3. While one member has at least two more than another that could take one of them, one moves.
 *
 * A function of its arguments alone: the same members and partitions give the same answer.
 */
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'

export interface AssignableMember {
  readonly topics: readonly string[]
  readonly owned: readonly TopicPartition[]
}

/** The partitions of each member, in the order of the members. */
export function assignPartitions(
  members: readonly AssignableMember[],
  partitions: readonly TopicPartition[],
): TopicPartition[][] {
  const unowned = new Map(partitions.map(p => [partitionName(p.topic, p.partition), p]))
  const shares = members.map(member => keep(member, unowned))
  for (const partition of unowned.values()) {
    const readers = shares.filter((_, i) => members[i]!.topics.includes(partition.topic))
    const least = Math.min(...readers.map(share => share.length))
    readers.find(share => share.length === least)?.push(partition)
  }
  while (moveOne(members, shares)) {}
  return shares
}

/** What a member keeps; taken out of `unowned`. */
function keep(member: AssignableMember, unowned: Map<string, TopicPartition>): TopicPartition[] {
  const isKept = (p: TopicPartition): boolean =>
    member.topics.includes(p.topic) && unowned.delete(partitionName(p.topic, p.partition))
  return member.owned.filter(isKept)
}

/** Each move makes the sum of squares of the shares smaller, so there is a last one. */
function moveOne(members: readonly AssignableMember[], shares: TopicPartition[][]): boolean {
  for (const [to, share] of shares.entries()) {
    for (const from of shares) {
      if (from.length < share.length + 2) continue
      const at = from.findLastIndex(p => members[to]!.topics.includes(p.topic))
      if (at < 0) continue
      share.push(...from.splice(at, 1))
      return true
    }
  }
  return false
}
