/**
 * A consumer group of the in-memory broker: members, who owns what, committed offsets.
 *
 * A rebalance runs whenever members or topics have changed, one at a time:
 *
 *   plan → onRevoked of all who lose something, awaited → onAssigned
 *                     (members or topics changed meanwhile: plan anew)
 *
 * A partition has at most one owner at any time, and no new one before `onRevoked` of the old one
 * has settled, so an offset committed there is what the new owner sees. Who leaves or is expelled
 * is not waited for.
 */
import { MillraceError } from '../../errors.ts'
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import type { GroupOptions, OffsetCommit } from '../transport.ts'
import { assignPartitions } from './sticky-assignment.ts'

const METADATA_CHARS_MAX = 3_000

/** One member as the group sees it. */
export interface Membership {
  readonly id: string
  readonly options: GroupOptions
  /** By `topic/partition`. */
  readonly owned: Map<string, TopicPartition>
  isIn: boolean
  /** Ends the wait for its `onRevoked`. */
  giveUp(): void
}

export class ConsumerGroup {
  readonly #groupId: string
  /** Every partition of the topics named that exist. */
  readonly #partitionsOf: (topics: ReadonlySet<string>) => readonly TopicPartition[]
  readonly #committed = new Map<string, OffsetCommit>()
  #members: Membership[] = []
  #returning: Membership[] = []
  #joined = 0
  #isStale = false
  #isRebalancing = false

  constructor(
    groupId: string,
    partitionsOf: (topics: ReadonlySet<string>) => readonly TopicPartition[],
  ) {
    this.#groupId = groupId
    this.#partitionsOf = partitionsOf
  }

  get members(): readonly Membership[] {
    return this.#members
  }

  /** Callbacks come after the caller has got its membership. */
  join(options: GroupOptions): Membership {
    const member: Membership = {
      id: `${this.#groupId}-${++this.#joined}`,
      options,
      owned: new Map(),
      isIn: true,
      giveUp: () => {},
    }
    this.#members.push(member)
    this.rebalance()
    return member
  }

  leave(member: Membership): void {
    this.#returning = this.#returning.filter(other => other !== member)
    this.#remove(member)
  }

  /**
   * What a missed heartbeat does: its partitions are lost, commits are refused; then it may come
   * back.
   */
  expel(member: Membership, comesBack: boolean): void {
    const lost = [...member.owned.values()]
    this.#remove(member)
    if (comesBack) this.#returning.push(member)
    if (lost.length > 0) member.options.onLost(lost)
  }

  /** All of them are taken, or none. */
  commit(member: Membership, offsets: readonly OffsetCommit[]): void {
    for (const commit of offsets) this.#check(member, commit)
    if (!member.isIn) throw this.#notAMember(member)
    for (const commit of offsets) this.setCommitted(commit)
  }

  setCommitted(commit: OffsetCommit): void {
    const { topic, partition, offset, metadata } = commit
    this.#committed.set(partitionName(topic, partition), { topic, partition, offset, metadata })
  }

  committed(topic: string, partition: number): OffsetCommit | undefined {
    return this.#committed.get(partitionName(topic, partition))
  }

  /** Members or topics have changed. */
  rebalance(): void {
    this.#isStale = true
    if (!this.#isRebalancing) void this.#rebalanceUntilStable()
  }

  async #rebalanceUntilStable(): Promise<void> {
    this.#isRebalancing = true
    while (this.#isStale) {
      // A caller of `join` goes on before its callbacks come; joins of one moment count together.
      await new Promise(resolve => setImmediate(resolve))
      this.#isStale = false
      await this.#rebalanceOnce()
      if (!this.#isStale) this.#takeBack()
    }
    this.#isRebalancing = false
  }

  async #rebalanceOnce(): Promise<void> {
    const members = [...this.#members]
    const topics = new Set(members.flatMap(member => member.options.topics))
    const shares = assignPartitions(
      members.map(({ options, owned }) => ({ topics: options.topics, owned: [...owned.values()] })),
      this.#partitionsOf(topics),
    )
    await Promise.all(members.map((member, i) => this.#revoke(member, nameAll(shares[i] ?? []))))
    if (this.#isStale) return
    for (const [i, member] of members.entries()) {
      const added = (shares[i] ?? []).filter(p => !member.owned.has(nameOf(p)))
      if (member.isIn && added.length > 0) assign(member, added)
    }
  }

  async #revoke(member: Membership, kept: ReadonlySet<string>): Promise<void> {
    const revoked = [...member.owned].filter(([name]) => !kept.has(name)).map(([, p]) => p)
    if (revoked.length === 0) return
    const gone = new Promise<void>(resolve => {
      member.giveUp = resolve
    })
    try {
      await Promise.race([member.options.onRevoked(revoked), gone])
    } catch (error) {
      member.options.onError(error as Error)
    }
    for (const partition of revoked) member.owned.delete(nameOf(partition))
  }

  #remove(member: Membership): void {
    if (!member.isIn) return
    member.isIn = false
    member.owned.clear()
    member.giveUp()
    this.#members = this.#members.filter(other => other !== member)
    this.rebalance()
  }

  /** Members that were expelled join again once the others have shared what they lost. */
  #takeBack(): void {
    for (const member of this.#returning) {
      member.isIn = true
      this.#members.push(member)
      this.#isStale = true
    }
    this.#returning = []
  }

  #check(member: Membership, commit: OffsetCommit): void {
    const { topic, partition, offset, metadata } = commit
    const place = { topic, partition }
    if (!member.owned.has(partitionName(topic, partition))) {
      throw member.isIn ? this.#notTheOwner(member, place) : this.#notAMember(member)
    }
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        `a committed offset is a whole number >= 0; got ${offset}.`,
        place,
      )
    }
    if (metadata.length > METADATA_CHARS_MAX || /[^ -~]/.test(metadata)) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        `commit metadata is printable ASCII of at most ${METADATA_CHARS_MAX} characters; ` +
          `got ${metadata.length} characters.`,
        place,
      )
    }
  }

  #notTheOwner(member: Membership, place: TopicPartition): MillraceError {
    return new MillraceError(
      'BROKER_REFUSED',
      `member ${member.id} committed an offset of a partition it does not own. ` +
        'Another member may own it now; take the partitions that onAssigned gives.',
      { ...place, retriable: true },
    )
  }

  #notAMember(member: Membership): MillraceError {
    return new MillraceError(
      'BROKER_REFUSED',
      `member ${member.id} is not in group ${this.#groupId}: it left or was expelled. ` +
        'Wait for onAssigned, or join again.',
      { retriable: true },
    )
  }
}

function assign(member: Membership, partitions: readonly TopicPartition[]): void {
  for (const partition of partitions) member.owned.set(nameOf(partition), partition)
  try {
    member.options.onAssigned(partitions)
  } catch (error) {
    member.options.onError(error as Error)
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return partitionName(topic, partition)
}

function nameAll(partitions: readonly TopicPartition[]): ReadonlySet<string> {
  return new Set(partitions.map(nameOf))
}
