/**
 * Writes records of many partitions: encoded straight into record batches, one connection for each
 * leader, at most five requests under way on it, every batch acknowledged by all replicas in sync.
 *
 *   write ─► partition by key ─► its open batch ─► pump: sealed, sent ─► acknowledged
 *
 * A batch is sealed when nothing of its partition is under way, when it is full, or at a flush: so
 * little waits when there is little, and much goes together when there is much. What a broker may
 * do better later (its leader moved, a connection ended) is sent again as it was; anything else
 * fails all that was written since the last flush, and the sender is of no use after it.
 */
import { MillraceError, type OutgoingRecords } from '@millrace/core'
import { CODE } from '../broker-errors.ts'
import { deliveryFailure, deliveryInDoubt } from '../delivery-failure.ts'
import type { BatchOptions } from '../records/open-batch.ts'
import type { ProduceResponse } from '../wire/produce.ts'
import { LeaderLink } from './leader-link.ts'
import type { Leaders } from './leaders.ts'
import type { BatchIdentity, OutgoingPartition, SealedBatch } from './outgoing-partition.ts'
import { MISSING_MS, OutgoingTopics } from './outgoing-topics.ts'
import { fateOf, produceError } from './produce-errors.ts'
import { Unacknowledged } from './unacknowledged.ts'

export interface SenderOptions extends BatchOptions {
  /** Of records not yet acknowledged; beyond it `write` asks to wait. */
  readonly bufferBytesMax: number
  /** How long a batch waits for more records. */
  readonly lingerMs: number
  /** How long it may take until a batch is acknowledged. */
  readonly deliveryMs: number
  /** How long a leader may wait for its replicas. */
  readonly requestMs: number
}

interface Sent {
  readonly partition: OutgoingPartition
  readonly batch: SealedBatch
}

const REQUEST_BYTES_MAX = 8 * 1024 * 1024
const AGAIN_MS = 50
const AGAIN_MS_MAX = 1_000
const WATCH_MS = 250

export class RecordSender {
  readonly #cluster: Leaders
  readonly #options: SenderOptions
  readonly #redact: (text: string) => string
  #identity: BatchIdentity
  readonly #topics: OutgoingTopics
  readonly #links = new Map<number, LeaderLink>()
  /** Partitions with anything that is not acknowledged. */
  readonly #busy = new Set<OutgoingPartition>()
  readonly #open: Unacknowledged
  #isPumpSet = false
  #linger: NodeJS.Timeout | null = null
  #lingersUntil = Number.POSITIVE_INFINITY
  #isFinding = false
  #findTimer: NodeJS.Timeout | undefined
  readonly #watch: NodeJS.Timeout
  #failure: MillraceError | null = null

  constructor(
    cluster: Leaders,
    identity: BatchIdentity,
    options: SenderOptions,
    redact: (text: string) => string,
  ) {
    this.#cluster = cluster
    this.#identity = identity
    this.#options = options
    this.#redact = redact
    this.#open = new Unacknowledged(options.bufferBytesMax)
    this.#topics = new OutgoingTopics(cluster, options, {
      grown: (partition, bytes) => {
        this.#open.add(bytes)
        this.#busy.add(partition)
        this.#pumpSoon()
      },
      waiting: bytes => this.#open.add(bytes),
      full: partition => this.#seal(partition),
      failed: (error, topic, partition) => this.#fail(error, topic, partition),
    })
    this.#watch = setInterval(() => this.#checkAge(), WATCH_MS).unref()
  }

  write(records: OutgoingRecords): Promise<void> | undefined {
    if (this.#failure !== null) return undefined
    this.#topics.write(records)
    return this.#open.room()
  }

  /** Resolves when all that was written is acknowledged. @throws DELIVERY_FAILED */
  async flush(): Promise<void> {
    for (;;) {
      const asked = this.#topics.learning()
      if (asked.length === 0 || this.#failure !== null) break
      await Promise.race([Promise.all(asked), this.#open.changed()])
    }
    for (const partition of this.#busy) this.#seal(partition)
    const flush = this.#open.beginFlush()
    this.#pump()
    while (this.#failure === null && !this.#open.isDone(flush)) await this.#open.changed()
    if (this.#failure !== null) throw this.#failure
  }

  /** The offset behind the last acknowledged record of a partition; null = not known. */
  endOf(topic: string, partition: number): number | null {
    return this.#topics.partition(topic, partition)?.end ?? null
  }

  /** Another epoch of the producer, when nothing is under way: sequences begin again. */
  setIdentity(identity: BatchIdentity): void {
    const isSame = identity.producerId === this.#identity.producerId
    this.#identity = identity
    this.#topics.startOver(isSame)
  }

  /** What is not acknowledged is given up. */
  close(): void {
    this.#fail(new Error('the producer was closed'))
    clearInterval(this.#watch)
    for (const link of this.#links.values()) link.close()
    this.#cluster.close()
  }

  // ---- to brokers

  #seal(partition: OutgoingPartition): void {
    const before = partition.openSize
    try {
      const sealed = partition.seal(this.#identity, this.#open.flush)
      if (sealed === undefined) return
      this.#open.add(sealed.bytes.length - before)
      this.#open.sealed(sealed.flush)
    } catch (error) {
      // What compresses is not ours.
      this.#fail(error, partition.topic, partition.partition)
    }
  }

  #pumpSoon(): void {
    if (this.#isPumpSet) return
    this.#isPumpSet = true
    setImmediate(() => {
      this.#isPumpSet = false
      this.#pump()
    })
  }

  readonly #pump = (): void => {
    if (this.#failure !== null) return
    const byLeader = new Map<number, OutgoingPartition[]>()
    for (const partition of this.#busy) {
      if (partition.isLost || !this.#hasLeader(partition)) continue
      const others = byLeader.get(partition.brokerId)
      if (others === undefined) byLeader.set(partition.brokerId, [partition])
      else others.push(partition)
    }
    for (const [brokerId, partitions] of byLeader) this.#serve(this.#linkTo(brokerId), partitions)
  }

  #hasLeader(partition: OutgoingPartition): boolean {
    if (partition.brokerId >= 0) return true
    partition.brokerId = this.#cluster.leaderOf(partition.topic, partition.partition)
    if (partition.brokerId < 0) this.#lose(partition)
    return partition.brokerId >= 0
  }

  #linkTo(brokerId: number): LeaderLink {
    const known = this.#links.get(brokerId)
    if (known !== undefined) return known
    const link = new LeaderLink(brokerId, this.#cluster)
    this.#links.set(brokerId, link)
    return link
  }

  #serve(link: LeaderLink, partitions: readonly OutgoingPartition[]): void {
    const onFailure = (error: Error): void => {
      if (isLasting(error)) this.#fail(error)
      else for (const each of this.#busy) if (each.brokerId === link.brokerId) this.#lose(each)
    }
    while (partitions.some(partition => this.#hasNext(partition))) {
      if (!link.hasRoom(this.#pump, onFailure)) return
      void this.#send(link, this.#take(partitions))
    }
  }

  #hasNext(partition: OutgoingPartition): boolean {
    return partition.next() !== undefined || this.#isDue(partition)
  }

  /** Its open batch should go as it is. */
  #isDue(partition: OutgoingPartition): boolean {
    if (!partition.hasOpen || partition.underWay > 0) return false
    const now = performance.now()
    const dueAt = partition.openedAt + this.#options.lingerMs
    // Who waits for room waits for what it is taken by.
    if (dueAt <= now || this.#open.isFull) return true
    if (dueAt < this.#lingersUntil) {
      this.#lingersUntil = dueAt
      clearTimeout(this.#linger ?? undefined)
      this.#linger = setTimeout(() => {
        this.#lingersUntil = Number.POSITIVE_INFINITY
        this.#pump()
      }, dueAt - now)
    }
    return false
  }

  /** At most one batch of each partition: a request takes no more. */
  #take(partitions: readonly OutgoingPartition[]): Sent[] {
    const sent: Sent[] = []
    let bytes = 0
    for (const partition of partitions) {
      if (partition.next() === undefined && this.#isDue(partition)) this.#seal(partition)
      const batch = partition.next()
      if (batch === undefined) continue
      if (bytes > 0 && bytes + batch.bytes.length > REQUEST_BYTES_MAX) break
      bytes += batch.bytes.length
      partition.sent()
      // Behind the others: there may not be room for all of them each time.
      this.#busy.delete(partition)
      this.#busy.add(partition)
      sent.push({ partition, batch })
    }
    return sent
  }

  async #send(link: LeaderLink, sent: readonly Sent[]): Promise<void> {
    const { transactionalId } = this.#identity
    const request = { transactionalId, waitMs: this.#options.requestMs, topics: byTopic(sent) }
    let answer: ProduceResponse | null = null
    try {
      answer = await link.send(request, this.#pump)
    } catch (error) {
      if (isLasting(error)) this.#fail(error)
    }
    for (const { partition } of sent) partition.underWay--
    if (this.#failure !== null) return
    for (const each of sent) this.#answered(each, answer)
    this.#open.tell()
    this.#pump()
  }

  #answered({ partition, batch }: Sent, answer: ProduceResponse | null): void {
    const { topic, partition: number } = partition
    const said = answer?.partitions.find(each => each.topic === topic && each.partition === number)
    const isFirst = partition.isFirst(batch) && !partition.isLost
    if (said === undefined) {
      this.#lose(partition)
      return
    }
    const fate = fateOf(said.errorCode, isFirst)
    if (fate === 'again') {
      partition.trouble = produceError(said.errorCode, said.message)
      this.#lose(partition)
    } else if (fate === 'failed') {
      this.#fail(produceError(said.errorCode, said.message), topic, number)
    } else {
      for (const done of partition.written(batch, said.baseOffset)) {
        this.#open.acknowledged(done.flush, done.bytes.length)
      }
      if (partition.isEmpty) this.#busy.delete(partition)
    }
  }

  // ---- when it does not go well

  #lose(partition: OutgoingPartition): void {
    partition.isLost = true
    if (this.#isFinding) return
    this.#isFinding = true
    void this.#find()
  }

  /** Asks for the leaders of lost partitions until none is lost. */
  async #find(): Promise<void> {
    for (let ms = AGAIN_MS; ; ms = Math.min(ms * 2, AGAIN_MS_MAX)) {
      await new Promise(resolve => {
        this.#findTimer = setTimeout(resolve, ms)
      })
      const lost = [...this.#busy].filter(({ isLost }) => isLost)
      if (lost.length === 0) break
      const names = [...new Set(lost.map(({ topic }) => topic))]
      const error: unknown = await this.#cluster.refresh(names).catch(failure => failure)
      if (error === undefined) for (const partition of lost) this.#found(partition)
      else if (isLasting(error)) this.#fail(error)
      this.#pump()
    }
    // In the turn in which none was lost: who loses one now begins anew.
    this.#isFinding = false
    this.#pump()
  }

  #found(partition: OutgoingPartition): void {
    // Two brokers must not have batches of one partition at a time.
    if (partition.underWay > 0) return
    const { topic, partition: number } = partition
    const leader = this.#cluster.leaderOf(topic, number)
    if (leader >= 0) {
      partition.again(leader)
      return
    }
    partition.missingSince ??= performance.now()
    const known = this.#cluster.topic(topic)
    const isThere = known?.partitions.some(each => each.partition === number)
    if (isThere === true || performance.now() - partition.missingSince < MISSING_MS) return
    const code = known?.errorCode || CODE.unknownTopicOrPartition
    this.#fail(produceError(code, null), topic, number)
  }

  #checkAge(): void {
    const { deliveryMs } = this.#options
    const bound = performance.now() - deliveryMs
    for (const { waitingSince, trouble } of this.#busy) {
      if (waitingSince > bound) continue
      const cause = trouble ?? new Error('no acknowledgement in time')
      this.#fail(deliveryInDoubt(cause, deliveryMs, trouble?.message))
      return
    }
  }

  #fail(error: unknown, topic?: string, partition: number | null = null): void {
    if (this.#failure !== null) return
    const isTold = MillraceError.is(error) && error.code === 'DELIVERY_FAILED'
    this.#failure = isTold ? error : deliveryFailure(error, this.#redact, topic, partition)
    this.#busy.clear()
    this.#topics.close()
    clearTimeout(this.#linger ?? undefined)
    clearTimeout(this.#findTimer)
    this.#open.drop()
  }
}

function byTopic(sent: readonly Sent[]) {
  const topics = new Map<string, { partition: number; batch: Buffer }[]>()
  for (const { partition, batch } of sent) {
    const each = { partition: partition.partition, batch: batch.bytes }
    const others = topics.get(partition.topic)
    if (others === undefined) topics.set(partition.topic, [each])
    else others.push(each)
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }))
}

/** Asking again would not help. */
function isLasting(error: unknown): boolean {
  return MillraceError.is(error) && !error.retriable
}
