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
 * is not waited for. Each rebalance begins a new generation; a commit that was sent in an earlier
 * one is refused.
 */
import { MillraceError } from '../../errors.ts'
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import type { GroupOptions, OffsetCommit } from '../transport.ts'
import { GroupOffsets } from './group-offsets.ts'
import { assignPartitions } from './sticky-assignment.ts'

const METADATA_CHARS_MAX = 3_000

/** One member as the group sees it. */
export interface Membership {
  readonly id: string
  readonly options: GroupOptions
  /** By `topic/partition`. */
  readonly owned: Map<string, TopicPartition>
  isIn: boolean
  /** The last rebalance it took part in. */
  generation: number
  /** A member that hangs does not come back after it was expelled, until it goes on. */
  readonly line: GroupLine
  /** Ends the wait for its `onRevoked`. */
  giveUp(): void
}

/** What a group knows of a member's connection. */
export interface GroupLine {
  readonly clientId: string
  readonly isHanging: boolean
}

const UNNAMED: GroupLine = { clientId: '', isHanging: false }

export class ConsumerGroup {
  readonly offsets: GroupOffsets = new GroupOffsets()
  readonly #groupId: string
  /** Every partition of the topics named that exist. */
  readonly #partitionsOf: (topics: ReadonlySet<string>) => readonly TopicPartition[]
  #members: Membership[] = []
  #returning: Membership[] = []
  /** Expelled members that have not seen to what they lost. */
  readonly #clearing = new Set<Membership>()
  #joined = 0
  #generation = 0
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
  join(options: GroupOptions, line: GroupLine = UNNAMED): Membership {
    const member: Membership = {
      id: `${this.#groupId}-${++this.#joined}`,
      options,
      owned: new Map(),
      isIn: true,
      generation: this.#generation,
      line,
      giveUp: () => {},
    }
    this.#members.push(member)
    this.rebalance()
    return member
  }

  leave(member: Membership): void {
    this.#returning = this.#returning.filter(other => other !== member)
    this.#clearing.delete(member)
    this.#remove(member)
  }

  /**
   * What a missed heartbeat does: its partitions are lost, commits are refused; then, when it has
   * seen to its losses, it may come back.
   */
  expel(member: Membership, comesBack: boolean): void {
    const lost = [...member.owned.values()]
    this.#remove(member)
    const cleared = lost.length > 0 ? member.options.onLost(lost) : undefined
    if (!comesBack) return
    if (cleared === undefined) {
      this.#returning.push(member)
      return
    }
    this.#clearing.add(member)
    void cleared.finally(() => {
      if (!this.#clearing.delete(member)) return
      this.#returning.push(member)
      this.rebalance()
    })
  }

  /**
   * All of them are taken, or none.
   * @param generation that in which the commit was sent.
   */
  commit(
    member: Membership,
    offsets: readonly OffsetCommit[],
    generation: number = member.generation,
  ): void {
    this.#checkAll(member, offsets, generation)
    for (const commit of offsets) this.offsets.set(commit)
  }

  /**
   * Takes offsets for a transaction; the function given decides them.
   * @throws FENCED where `commit` throws BROKER_REFUSED.
   */
  hold(
    member: Membership,
    offsets: readonly OffsetCommit[],
    generation: number,
  ): (isCommitted: boolean) => void {
    try {
      this.#checkAll(member, offsets, generation)
    } catch (error) {
      throw fencing(error)
    }
    return this.offsets.hold(offsets)
  }

  /** A client goes on that had hung: those of its members that were expelled come back. */
  wake(): void {
    if (this.#returning.some(({ line }) => !line.isHanging)) this.rebalance()
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
    const generation = ++this.#generation
    for (const member of members) member.generation = generation
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
    const awake = this.#returning.filter(({ line }) => !line.isHanging)
    this.#returning = this.#returning.filter(({ line }) => line.isHanging)
    for (const member of awake) {
      member.isIn = true
      member.generation = ++this.#generation
      this.#members.push(member)
      this.#isStale = true
    }
  }

  #checkAll(member: Membership, offsets: readonly OffsetCommit[], generation: number): void {
    for (const commit of offsets) this.#check(member, commit)
    if (!member.isIn || generation !== member.generation) throw this.#notAMember(member)
  }

  /** Of topics that the group does not read together, a member may commit any partition. */
  #check(member: Membership, commit: OffsetCommit): void {
    const { topic, partition, offset, metadata } = commit
    const place = { topic, partition }
    if (!member.isIn) throw this.#notAMember(member)
    const isShared = member.options.topics.includes(topic)
    if (isShared && !member.owned.has(partitionName(topic, partition))) {
      throw this.#notTheOwner(member, place)
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
      `member ${member.id} is not in group ${this.#groupId}: it left or was expelled, or the ` +
        'commit was sent before the last rebalance. Wait for onAssigned, or join again.',
      { retriable: true },
    )
  }
}

function fencing(error: unknown): unknown {
  if (!MillraceError.is(error) || error.code !== 'BROKER_REFUSED') return error
  return new MillraceError('FENCED', error.text, { ...error.place, cause: error })
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
