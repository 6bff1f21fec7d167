/**
 * Membership in a consumer group: the control plane. This consumer is assigned partitions, keeps
 * them paused, and never gives a record; it is polled so that rebalances are served.
 *
 *   ASSIGN ─► assigned at offset 0, paused ─► onAssigned
 *   REVOKE ─► onRevoked, awaited; commits still count ─► unassigned
 *        └──► takes too long: unassigned, commits are refused ─► onLost when onRevoked has settled
 *   REVOKE, lost ─► onLost, awaited; commits are refused ─► unassigned, and the client joins again
 *
 * A commit is known to have happened, or not, only by the callback that the client serves while it
 * is polled; so commits go one at a time. Leaving is unsubscribe, unassign, and only then close:
 * in any other order the client hangs or commits nothing. Closed in the millisecond in which it is
 * still at the unassigning, it ends without a word to the group, which then waits for it until its
 * session is over: so it must have said in its log that it leaves.
 */
import {
  type GroupMember,
  type GroupOptions,
  MillraceError,
  type OffsetCommit,
  type TopicPartition,
} from '@millrace/core'
import { CODE, codeOf, type Explain, isMissing, isRefused } from './broker-errors.ts'
import { checkCommit } from './check-commit.ts'
import { closeClient } from './connect-client.ts'
import { type Generation, generationIn } from './group-generation.ts'
import {
  answerOf,
  type NativeConsumer,
  type NativeError,
  type NativeOffset,
} from './native-client.ts'
import type { Membership } from './wire/transaction-offsets.ts'

/** The client says when it has something to serve; this is for what it may not say. */
const POLL_EVERY_MS = 100
const COMMITTED_MS = 10_000
/**
 * How long `onRevoked` may take: the group stands still meanwhile. Far below the time after which
 * the broker expels who does not answer (`max.poll.interval.ms`, 5 minutes when not set).
 */
export const REVOKE_MS = 60_000
/** How long leaving waits for the client to take its partitions back, and to leave. */
const LEAVE_MS = 3_000

export class KafkaGroupMember implements GroupMember {
  readonly #options: GroupOptions
  readonly #explain: Explain
  readonly #native: NativeConsumer
  readonly #revokeMs: number
  /** By name. */
  readonly #owned = new Map<string, TopicPartition>()
  readonly #poller: NodeJS.Timeout
  #isPolling = false
  /** Something came while it was polled. */
  #isWoken = false
  #polling: Promise<void> = Promise.resolve()
  /** Told by the client how the commit under way ended. */
  #onCommitted: (error: NativeError | undefined) => void = () => {}
  #commits: Promise<unknown> = Promise.resolve()
  #leaving: Promise<void> | null = null
  /** Ends the wait for an `onRevoked`. */
  #giveUp: () => void = () => {}
  #hasFailed = false
  #generation: Generation | null = null
  /** Out of the group while it is above zero: so often was something lost and not seen to yet. */
  #losses = 0

  constructor(
    native: NativeConsumer,
    options: GroupOptions,
    explain: Explain,
    revokeMs: number = REVOKE_MS,
  ) {
    this.#revokeMs = revokeMs
    this.#native = native
    this.#options = options
    this.#explain = explain
    native.setDefaultConsumeTimeout(0)
    native.on('event.log', line => {
      this.#generation = generationIn(line) ?? this.#generation
      if (line.fac === 'LEAVE') this.#onLeft()
    })
    this.#poller = setInterval(() => this.wake(), POLL_EVERY_MS)
    native.subscribe([...options.topics])
  }

  /**
   * The client behind a member; transactions name it to the broker. One that was closed is not
   * given: the native library ends the process when it is asked about such a client.
   * @throws FENCED when the member has left, or was expelled.
   */
  static nativeOf(member: GroupMember): NativeConsumer {
    if (!(member instanceof KafkaGroupMember)) {
      throw new MillraceError('INTERNAL', 'a transaction was given a member of another transport')
    }
    if (member.#leaving === null && member.#losses === 0) return member.#native
    throw member.#outOfGroup()
  }

  /**
   * The member as its group knows it; transactions of our own name it to the broker.
   * @throws FENCED when it has left or was expelled
   */
  static membershipOf(member: GroupMember): Membership {
    KafkaGroupMember.nativeOf(member)
    const { groupId, instanceId = null } = (member as KafkaGroupMember).#options
    const generation = (member as KafkaGroupMember).#generation
    if (generation === null) {
      throw new MillraceError(
        'BROKER_REFUSED',
        `the generation of group ${groupId} is not known: expected the Kafka client 1.10 to say ` +
          'it in its log. Install the version that @millrace/kafka depends on.',
        { retriable: true },
      )
    }
    const { number, memberId } = generation
    return { groupId, memberId, generation: number, instanceId }
  }

  #outOfGroup(): MillraceError {
    return new MillraceError(
      'FENCED',
      `this member is out of group ${this.#options.groupId}: others may do its work by now. ` +
        'Abort, and join again.',
    )
  }

  /** The client has something to serve; called by the client. */
  wake(): void {
    this.#isWoken = true
    if (!this.#isPolling) this.#polling = this.#poll()
  }

  async committed(partitions: readonly TopicPartition[]): Promise<readonly OffsetCommit[]> {
    if (this.#leaving !== null) throw this.#notAMember()
    if (partitions.length === 0) return []
    const asked = partitions.map(({ topic, partition }) => ({ topic, partition }))
    const found = await answerOf<readonly NativeOffset[]>(done =>
      this.#native.committed(asked, COMMITTED_MS, done),
    ).catch(error => {
      throw this.#explain('committed offsets were not told', error)
    })
    return found.flatMap(({ topic, partition, offset, metadata }) =>
      offset === undefined || offset < 0
        ? []
        : [{ topic, partition, offset, metadata: metadata ?? '' }],
    )
  }

  commit(offsets: readonly OffsetCommit[]): Promise<void> {
    const commit = this.#commits.then(() => this.#commitNow(offsets))
    this.#commits = commit.catch(() => {})
    return commit
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  // ---- called by the client

  /** How a commit ended. */
  committedByBroker(error: NativeError | undefined): void {
    this.#onCommitted(error)
  }

  rebalanced(error: NativeError | undefined, partitions: readonly TopicPartition[]): void {
    const named = partitions.map(({ topic, partition }) => ({ topic, partition }))
    try {
      if (codeOf(error) === CODE.assignPartitions) this.#assign(named)
      else if (codeOf(error) === CODE.revokePartitions) this.#revoke(named)
    } catch (cause) {
      this.#fail(this.#explain('partitions were not taken', cause))
    }
  }

  #assign(partitions: readonly TopicPartition[]): void {
    // With an offset the client looks none up.
    this.#native.incrementalAssign(partitions.map(p => ({ ...p, offset: 0 })))
    if (partitions.length === 0) return
    this.#native.pause(partitions)
    if (this.#leaving !== null) return
    for (const partition of partitions) this.#owned.set(nameOf(partition), partition)
    this.#tell(() => this.#options.onAssigned(partitions))
  }

  #revoke(partitions: readonly TopicPartition[]): void {
    const known = partitions.filter(p => this.#owned.has(nameOf(p)))
    if (this.#leaving !== null || known.length === 0) {
      this.#release(partitions)
    } else if (this.#native.assignmentLost()) {
      for (const partition of known) this.#owned.delete(nameOf(partition))
      this.#losses++
      const lost = this.#settled(() => this.#options.onLost(known))
      void Promise.race([lost, this.#given()]).then(() => {
        this.#losses--
        this.#release(partitions)
      })
    } else void this.#revokeInTime(partitions, known)
  }

  /** Resolves when leaving gives up waiting for others. */
  #given(): Promise<void> {
    return new Promise(resolve => {
      this.#giveUp = resolve
    })
  }

  /** The group goes on at the deadline; what hangs then must not be committed any more. */
  async #revokeInTime(
    partitions: readonly TopicPartition[],
    known: readonly TopicPartition[],
  ): Promise<void> {
    const revoked = this.#settled(() => this.#options.onRevoked(known)).then(() => true)
    const late = delay(this.#revokeMs).then(() => false)
    const isInTime = await Promise.race([revoked, late, this.#given().then(() => true)])
    if (isInTime) return this.#release(partitions)
    this.#losses++
    for (const partition of known) this.#owned.delete(nameOf(partition))
    this.#release(partitions)
    await revoked
    await this.#settled(() => this.#options.onLost(known))
    this.#losses--
  }

  async #settled(told: () => unknown): Promise<void> {
    try {
      await told()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #release(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#owned.delete(nameOf(partition))
    try {
      this.#native.incrementalUnassign(partitions)
    } catch {
      // The client has let go of them already.
    }
    this.#onReleased()
  }

  #onReleased: () => void = () => {}
  /** The client has said that it tells the group. */
  #onLeft: () => void = () => {}

  async #poll(): Promise<void> {
    this.#isPolling = true
    while (this.#isWoken) {
      this.#isWoken = false
      await new Promise<void>(resolve => {
        this.#native.consume(1, error => {
          if (error) this.#onPollError(error)
          resolve()
        })
      })
    }
    this.#isPolling = false
  }

  #onPollError(error: NativeError): void {
    const code = codeOf(error)
    if (code === CODE.maxPollExceeded || this.#leaving !== null) return
    if (isRefused(error)) {
      const hint = code === CODE.fatal ? ' (another process may run as the same member)' : ''
      this.#fail(this.#explain(`the group ${this.#options.groupId} cannot be used${hint}`, error))
    } else if (isMissing(error)) {
      this.#fail(this.#explain(`topics ${this.#options.topics.join(', ')} are not there`, error))
    }
  }

  // ---- committing and leaving

  async #commitNow(offsets: readonly OffsetCommit[]): Promise<void> {
    for (const offset of offsets) this.#check(offset)
    if (this.#losses > 0) throw this.#outOfGroup()
    if (offsets.length === 0) return
    const list = offsets.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partition,
      offset,
      metadata,
    }))
    const outcome = new Promise<NativeError | undefined>(resolve => {
      this.#onCommitted = resolve
    })
    try {
      this.#native.commit(list)
      const error = await outcome
      if (error !== undefined && codeOf(error) !== 0) throw error
    } catch (error) {
      throw this.#explain('offsets were not committed', error, {}, 'Read')
    } finally {
      this.#onCommitted = () => {}
    }
  }

  #check(commit: OffsetCommit): void {
    checkCommit(commit)
    const { topic, partition } = commit
    const place = { topic, partition }
    if (this.#leaving !== null) throw this.#notAMember()
    if (this.#owned.has(nameOf(place))) return
    throw new MillraceError(
      'BROKER_REFUSED',
      `this member of group ${this.#options.groupId} committed an offset of a partition it does ` +
        'not own. Another member may own it now; take the partitions that onAssigned gives.',
      { ...place, retriable: true },
    )
  }

  async #leave(): Promise<void> {
    // `leave` must have returned before a callback looks at `#leaving`.
    await Promise.resolve()
    await Promise.race([this.#commits, delay(LEAVE_MS)])
    if (this.#native.isConnected()) {
      const released = new Promise<void>(resolve => {
        this.#onReleased = resolve
      })
      const isHolding = this.#owned.size > 0
      const left = new Promise<void>(resolve => {
        this.#onLeft = resolve
      })
      this.#giveUp()
      this.#native.unsubscribe()
      if (isHolding) await Promise.race([released.then(() => left), delay(LEAVE_MS)])
    }
    clearInterval(this.#poller)
    await this.#polling
    this.#isPolling = true
    await closeClient(this.#native)
    this.#onCommitted(Object.assign(new Error('the member has left'), { code: 25 }))
  }

  #notAMember(): MillraceError {
    return new MillraceError(
      'BROKER_REFUSED',
      `this member has left group ${this.#options.groupId}. Join again.`,
      { retriable: true },
    )
  }

  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #fail(error: Error): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#options.onError(error)
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function delay(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}
