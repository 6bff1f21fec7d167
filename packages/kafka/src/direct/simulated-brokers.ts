/**
 * A cluster that is simulated, for tests of what writes to it: brokers that keep logs, know the
 * last five batches of each producer in each partition and check sequences as Kafka does
 * (ProducerStateManager), and have accidents.
 *
 *   send ─► processed, in order ─► answered, in order        of one connection
 *     └─ the connection ends before, between or behind; what is still on its way may be
 *        processed later all the same
 *
 * Everything happens by timers and by one sequence of numbers, so a seed tells the same story each
 * time. The accidents end at a time; from then on all goes well.
 */
import { MillraceError } from '@millrace/core'
import { RecordBatchReader } from '../records/record-batch-reader.ts'
import type { TopicMetadata } from '../wire/metadata.ts'
import type { ProducedPartition, ProduceRequest, ProduceResponse } from '../wire/produce.ts'
import type { WireApi } from '../wire/wire-api.ts'
import type { LeaderConnection, Leaders } from './leaders.ts'

/** A record as it lies in a log: its value is a number. */
export interface Landed {
  readonly id: number
  readonly epoch: number
}

export interface Accidents {
  /** Of each step that can go wrong, from 0 to 1. */
  readonly share: number
  readonly untilMs: number
}

interface KnownProducer {
  epoch: number
  /** The last five, as their first and last sequence. */
  batches: { readonly first: number; readonly last: number }[]
}

interface SimulatedPartition {
  leader: number
  readonly log: Landed[]
  readonly producers: Map<bigint, KnownProducer>
}

interface SimulatedTopic {
  /** Not there before. */
  readonly sinceMs: number
  readonly partitions: SimulatedPartition[]
}

const BROKERS = 3
const OK = 0
const UNKNOWN_TOPIC = 3
const NOT_LEADER = 6
const OUT_OF_ORDER = 45
const OLD_EPOCH = 47
/** Of a batch that was not appended: leader unknown, storage error, too few replicas, … */
const BEFORE = [5, NOT_LEADER, 19, 56, 74]
/** Of one that was: too few replicas after it, no answer of replicas in time. */
const AFTER = [7, 20]

/** Numbers that look as if they were drawn, the same for the same seed. */
export class Luck {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 to less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

export class SimulatedBrokers {
  readonly topics: Map<string, SimulatedTopic> = new Map()
  readonly luck: Luck
  readonly #accidents: Accidents
  /** How often each kind happened. */
  readonly happened: Map<string, number> = new Map()
  /** The most requests at a time on one connection. */
  underWayMost = 0

  constructor(luck: Luck, accidents: Accidents) {
    this.luck = luck
    this.#accidents = accidents
  }

  addTopic(name: string, partitionCount: number, sinceMs = 0): void {
    const partitions = Array.from({ length: partitionCount }, () => ({
      leader: this.luck.below(BROKERS),
      log: [],
      producers: new Map(),
    }))
    this.topics.set(name, { sinceMs, partitions })
  }

  /** As a client knows it. */
  connect(): Leaders {
    return new SimulatedCluster(this)
  }

  /** Whether it goes wrong this time. */
  accident(kind: string, weight = 1): boolean {
    if (performance.now() >= this.#accidents.untilMs) return false
    if (this.luck.next() >= this.#accidents.share * weight) return false
    this.happened.set(kind, (this.happened.get(kind) ?? 0) + 1)
    return true
  }

  process(brokerId: number, { topics }: ProduceRequest): ProducedPartition[] {
    const answers: ProducedPartition[] = []
    for (const { name, partitions } of topics) {
      for (const { partition, batch } of partitions) {
        const errorCode = this.#append(brokerId, name, partition, batch)
        if (this.accident('left out of the answer', 0.3)) continue
        answers.push({ topic: name, partition, errorCode, baseOffset: -1, message: null })
      }
    }
    return answers
  }

  #append(brokerId: number, topic: string, number: number, batch: Buffer): number {
    const found = this.topics.get(topic)
    const partition = found?.partitions[number]
    if (partition === undefined || found === undefined) return UNKNOWN_TOPIC
    if (performance.now() < found.sinceMs) return UNKNOWN_TOPIC
    if (this.accident('leader moved')) partition.leader = this.luck.below(BROKERS)
    if (partition.leader !== brokerId) return NOT_LEADER
    if (this.accident('refused')) return this.luck.of(BEFORE)
    const errorCode = landed(partition, batch)
    if (errorCode === OK && this.accident('error behind the append')) return this.luck.of(AFTER)
    return errorCode
  }
}

/** Appends a batch as Kafka does, and gives the code of its answer. */
function landed({ log, producers }: SimulatedPartition, batch: Buffer): number {
  const producerId = batch.readBigInt64BE(43)
  const epoch = batch.readInt16BE(51)
  const first = batch.readInt32BE(53)
  const last = first + batch.readInt32BE(57) - 1
  const known = producers.get(producerId)
  if (known !== undefined && producerId >= 0n) {
    const isSame = known.epoch === epoch
    const isTwice = known.batches.some(each => each.first === first && each.last === last)
    if (isSame && isTwice) return OK
    if (epoch < known.epoch) return OLD_EPOCH
    const expected = isSame ? (known.batches.at(-1)?.last ?? -1) + 1 : 0
    if (first !== expected) return OUT_OF_ORDER
  }
  // Who is not known may begin with any sequence.
  const batches = known?.epoch === epoch ? known.batches : []
  producers.set(producerId, { epoch, batches: [...batches, { first, last }].slice(-5) })
  for (const id of idsIn(batch)) log.push({ id, epoch })
  return OK
}

function idsIn(batch: Buffer): number[] {
  const options = { checkCrc: true, bytesMax: 1 << 20 }
  const reader = new RecordBatchReader('any', 0, 0, options)
  // The broker gives it its offset.
  const data = Buffer.from(batch)
  data.writeBigInt64BE(0n, 0)
  reader.add({ data, start: 0, end: data.length, aborted: [] })
  const raw = reader.next(10_000)
  if (raw === null) return []
  return Array.from({ length: raw.count }, (_, row) => {
    const start = raw.valueStart[row] as number
    return Number(raw.data.toString('latin1', start, start + (raw.valueSize[row] as number)))
  })
}

class SimulatedCluster implements Leaders {
  readonly #brokers: SimulatedBrokers
  readonly #known = new Map<string, TopicMetadata | null>()
  readonly #connections = new Map<number, SimulatedConnection>()

  constructor(brokers: SimulatedBrokers) {
    this.#brokers = brokers
  }

  topic(name: string): TopicMetadata | null | undefined {
    return this.#known.get(name)
  }

  leaderOf(topic: string, partition: number): number {
    return this.#known.get(topic)?.partitions[partition]?.leader ?? -1
  }

  async refresh(topics: readonly string[]): Promise<void> {
    await after(this.#brokers.luck.below(5))
    if (this.#brokers.accident('no metadata')) throw unreachable('nobody answers')
    for (const name of topics) this.#known.set(name, this.#metadataOf(name))
    await after(this.#brokers.luck.below(3))
  }

  async connectionTo(brokerId: number): Promise<LeaderConnection> {
    const known = this.#connections.get(brokerId)
    if (known?.isOpen === true) return known
    await after(this.#brokers.luck.below(10))
    if (this.#brokers.accident('no connection')) throw unreachable('nobody is there')
    const opened = new SimulatedConnection(brokerId, this.#brokers)
    this.#connections.set(brokerId, opened)
    return opened
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.end()
  }

  #metadataOf(name: string): TopicMetadata | null {
    const topic = this.#brokers.topics.get(name)
    if (topic === undefined || performance.now() < topic.sinceMs) return null
    const partitions = topic.partitions.map(({ leader }, partition) => {
      const isElected = !this.#brokers.accident('no leader')
      return { errorCode: OK, partition, leader: isElected ? leader : -1, leaderEpoch: 0 }
    })
    const isEmpty = this.#brokers.accident('metadata with an error')
    return { errorCode: isEmpty ? 5 : OK, name, id: '', partitions: isEmpty ? [] : partitions }
  }
}

class SimulatedConnection implements LeaderConnection {
  readonly #brokerId: number
  readonly #brokers: SimulatedBrokers
  readonly #requests: InOrder
  readonly #answers: InOrder
  readonly #waiting = new Set<(error: Error) => void>()
  isOpen = true

  constructor(brokerId: number, brokers: SimulatedBrokers) {
    this.#brokerId = brokerId
    this.#brokers = brokers
    this.#requests = new InOrder(brokers.luck)
    this.#answers = new InOrder(brokers.luck)
  }

  send<Request, Answer>(_: WireApi<Request, Answer>, request: Request): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (!this.isOpen) throw unreachable('the connection has ended')
      this.#waiting.add(reject)
      this.#brokers.underWayMost = Math.max(this.#brokers.underWayMost, this.#waiting.size)
      this.#requests.add(() => {
        const answer = this.#processed(request as ProduceRequest)
        if (answer === null) return
        this.#answers.add(() => {
          if (this.#brokers.accident('ended before the answer')) this.end()
          if (this.#waiting.delete(reject)) resolve(answer as Answer)
        })
      })
    })
  }

  /** Null: nobody will hear of it. */
  #processed(request: ProduceRequest): ProduceResponse | null {
    if (this.isOpen && this.#brokers.accident('ended before the append')) this.end()
    if (!this.isOpen) {
      // It may have reached the broker already, and wait there for its turn.
      if (this.#brokers.accident('processed late', 5)) {
        const late = (): unknown => this.#brokers.process(this.#brokerId, request)
        setTimeout(late, this.#brokers.luck.below(400))
      }
      return null
    }
    const partitions = this.#brokers.process(this.#brokerId, request)
    const throttleMs = this.#brokers.accident('throttled') ? 1 + this.#brokers.luck.below(300) : 0
    return { throttleMs, partitions }
  }

  end(): void {
    if (!this.isOpen) return
    this.isOpen = false
    for (const reject of this.#waiting) reject(unreachable('the connection has ended'))
    this.#waiting.clear()
  }
}

/** Each some time after it came, none before one that came before it. */
class InOrder {
  readonly #luck: Luck
  readonly #acts: (() => void)[] = []
  #lastAt = 0

  constructor(luck: Luck) {
    this.#luck = luck
  }

  add(act: () => void): void {
    this.#acts.push(act)
    const now = performance.now()
    this.#lastAt = Math.max(this.#lastAt, now + this.#luck.below(8))
    setTimeout(() => this.#acts.shift()?.(), this.#lastAt - now)
  }
}

function after(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function unreachable(reason: string): MillraceError {
  return new MillraceError('BROKER_UNREACHABLE', reason, { retriable: true })
}
