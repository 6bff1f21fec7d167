/**
 * Reads partitions from the brokers that lead them, without librdkafka: no object per record.
 *
 *   wanted ─► one question at a time per broker ─► bytes per partition ─► poll: parsed, in turn
 *
 * While one answer is parsed the next is on its way. A partition is asked for when less than one
 * answer of it waits, so `bufferBytesMax` bounds what lies here; one that has nothing is asked for
 * whatever the others hold, so that nobody waits for a partition that is never asked. An answer
 * belongs to the readings it was asked for: what was removed or added anew meanwhile gets none.
 */
import {
  type Fetcher,
  type FetcherOptions,
  type FetchProgress,
  MillraceError,
  type RawBatch,
  type TopicPartition,
} from '@millrace/core'
import { PollWait } from '../poll-wait.ts'
import type { Overtaken } from '../reading-failures.ts'
import { DirectReading } from './direct-reading.ts'
import { FetchErrors } from './fetch-errors.ts'
import type { FetchAnswer, FetchSource, Leader } from './fetch-source.ts'

export interface DirectSettings {
  /** How long a broker may wait for records to come. */
  readonly waitMs: number
  /** Bytes asked of a partition at once, and of a broker. */
  readonly partitionBytesMax: number
  readonly answerBytesMax: number
  readonly checkCrc: boolean
  /** Of one batch of the log, inflated. */
  readonly batchBytesMax: number
}

/** What was seen longer ago says nothing of now. */
const RECENT_MS = 2_000
const PARTITION_BYTES_MIN = 16 * 1024
/** Pause after a broker has failed, doubled each time. */
const BACKOFF_MS_MIN = 20
const BACKOFF_MS_MAX = 1_000

export class DirectFetcher implements Fetcher {
  readonly #source: FetchSource
  readonly #settings: DirectSettings
  readonly #options: FetcherOptions
  readonly #errors: FetchErrors
  readonly #partitionBytes: number
  /** By name, whose turn is next first. */
  readonly #readings = new Map<string, DirectReading>()
  readonly #waits = new PollWait()
  /** Brokers with a question under way, or left alone for a while. */
  readonly #busy = new Set<number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** Failures in a row, by broker. */
  readonly #failures = new Map<number, number>()
  #isLearning = false
  #isWoken = false

  /** @param overtaken what to say when retention has overtaken the reader. */
  constructor(
    source: FetchSource,
    settings: DirectSettings,
    options: FetcherOptions,
    overtaken?: Overtaken,
  ) {
    this.#source = source
    this.#settings = settings
    this.#options = options
    this.#errors = new FetchErrors(source, overtaken)
    const share = Math.floor(options.bufferBytesMax / 4)
    this.#partitionBytes = Math.max(
      PARTITION_BYTES_MIN,
      Math.min(settings.partitionBytesMax, share),
    )
  }

  add(partition: TopicPartition, offset: number): void {
    const { checkCrc, batchBytesMax } = this.#settings
    const { batchRecordsMax } = this.#options
    const options = { checkCrc, batchBytesMax, batchRecordsMax }
    this.#readings.set(nameOf(partition), new DirectReading(partition, offset, options))
    this.#wake()
  }

  remove(partition: TopicPartition): void {
    this.#readings.delete(nameOf(partition))
    this.#wake()
  }

  pause(partition: TopicPartition): void {
    const reading = this.#readings.get(nameOf(partition))
    if (reading !== undefined) reading.isPaused = true
  }

  resume(partition: TopicPartition): void {
    const reading = this.#readings.get(nameOf(partition))
    if (reading === undefined || !reading.isPaused) return
    reading.isPaused = false
    reading.seen = null
    this.#waits.notify()
    this.#wake()
  }

  poll(timeoutMs: number): Promise<RawBatch | null> {
    return this.#waits.poll(timeoutMs, () => this.#next())
  }

  progress(partition: TopicPartition): FetchProgress | null {
    const reading = this.#readings.get(nameOf(partition))
    if (reading === undefined || reading.isPaused || reading.failure !== null) return null
    const { seen, position } = reading
    if (seen === null || reading.isLost || performance.now() - seen.at > RECENT_MS) return null
    const { lastStableOffset, highWatermark } = seen
    return position > lastStableOffset ? null : { position, lastStableOffset, highWatermark }
  }

  async close(): Promise<void> {
    if (this.#waits.isClosed) return
    for (const timer of this.#timers) clearTimeout(timer)
    this.#readings.clear()
    this.#waits.close()
    this.#source.close()
  }

  /** A batch of the partition whose turn it is. */
  #next(): RawBatch | null {
    for (const [name, reading] of [...this.#readings]) {
      if (reading.isPaused || (reading.bytes === 0 && reading.failure === null)) continue
      this.#readings.delete(name)
      this.#readings.set(name, reading)
      const batch = this.#take(reading)
      if (reading.bytes < this.#partitionBytes) this.#wake()
      if (batch !== null) return batch
    }
    return null
  }

  /** What is wrong comes after all that came before it. */
  #take(reading: DirectReading): RawBatch | null {
    try {
      const batch = reading.take()
      if (batch === null && reading.failure !== null) throw reading.failure
      return batch
    } catch (error) {
      reading.failure = error as MillraceError
      throw error
    }
  }

  // ---- asking

  /** Looks once, after all that happens at this moment, who is to be asked for what. */
  #wake(): void {
    if (this.#isWoken || this.#waits.isClosed) return
    this.#isWoken = true
    queueMicrotask(() => {
      this.#isWoken = false
      const brokers = [...this.#wanted()].map(([reading, leader]) => reading.brokerOf(leader))
      for (const broker of new Set(brokers)) void this.#askOften(broker)
    })
  }

  /** Readings to ask for, with their leaders; who leads the others is asked about. */
  *#wanted(): Generator<[DirectReading, Leader]> {
    for (const reading of this.#readings.values()) {
      const leader = this.#isWanted(reading) ? this.#leaderOf(reading) : null
      if (leader !== null) yield [reading, leader]
    }
    if ([...this.#readings.values()].some(({ isLost }) => isLost)) void this.#learn()
  }

  #isWanted(reading: DirectReading): boolean {
    const { isPaused, isAsked, failure, bytes } = reading
    if (isPaused || isAsked || failure !== null || this.#waits.isClosed) return false
    if (bytes === 0) return true
    if (bytes >= this.#partitionBytes) return false
    let held = this.#partitionBytes
    for (const other of this.#readings.values()) {
      held += other.bytes + (other.isAsked ? this.#partitionBytes : 0)
    }
    return held <= this.#options.bufferBytesMax
  }

  /** Null: it has none, or is not known; then the brokers are asked. */
  #leaderOf(reading: DirectReading): Leader | null {
    const known = reading.isLost ? undefined : this.#source.topic(reading.topic)
    const leader = known?.leaders[reading.partition] ?? null
    if (leader === null) reading.isLost = true
    else if (known !== undefined && known !== null) reading.topicId ??= known.id
    return leader
  }

  /** Asks a broker again and again, as long as something is wanted of it. */
  async #askOften(brokerId: number): Promise<void> {
    if (this.#busy.has(brokerId)) return
    this.#busy.add(brokerId)
    let pauseMs = 0
    while (pauseMs === 0) {
      const asked = this.#wantedOf(brokerId)
      if (asked.size === 0) break
      pauseMs = await this.#ask(brokerId, asked)
    }
    if (pauseMs > 0) await this.#sleep(pauseMs)
    this.#busy.delete(brokerId)
    // Something may be wanted of another broker now.
    this.#wake()
  }

  #wantedOf(brokerId: number): Map<DirectReading, Leader> {
    const wanted = new Map<DirectReading, Leader>()
    for (const [reading, leader] of this.#wanted()) {
      if (reading.brokerOf(leader) !== brokerId) continue
      reading.isAsked = true
      wanted.set(reading, leader)
    }
    return wanted
  }

  /** Gives how long the broker is to be left alone. */
  async #ask(brokerId: number, asked: ReadonlyMap<DirectReading, Leader>): Promise<number> {
    const { waitMs, answerBytesMax: bytesMax } = this.#settings
    const partitions = [...asked].map(([reading, { epoch }]) => ({
      topic: reading.topic,
      partition: reading.partition,
      offset: reading.fetchOffset,
      leaderEpoch: epoch,
      bytesMax: this.#partitionBytes,
    }))
    try {
      const answer = await this.#source.fetch(brokerId, { waitMs, bytesMax, partitions })
      this.#failures.delete(brokerId)
      this.#waits.failure = null
      return await this.#accept(answer, [...asked.keys()])
    } catch (error) {
      return this.#failed(brokerId, error as MillraceError, [...asked.keys()])
    } finally {
      for (const reading of asked.keys()) reading.isAsked = false
    }
  }

  /** Gives how long the broker is to be left alone. */
  async #accept(
    { partitions, throttleMs }: FetchAnswer,
    asked: readonly DirectReading[],
  ): Promise<number> {
    let pauseMs = throttleMs
    for (const fetched of partitions) {
      const reading = asked.find(
        ({ topic, partition }) => topic === fetched.topic && partition === fetched.partition,
      )
      if (reading === undefined || this.#readings.get(nameOf(reading)) !== reading) continue
      if (fetched.errorCode !== 0) {
        await this.#errors.note(reading, fetched.errorCode)
        pauseMs = Math.max(pauseMs, BACKOFF_MS_MIN)
        continue
      }
      reading.accept(fetched)
      // Nothing is known of now while the broker must be left alone.
      if (throttleMs > 0) reading.seen = null
    }
    this.#waits.notify()
    return pauseMs
  }

  #failed(brokerId: number, error: MillraceError, asked: readonly DirectReading[]): number {
    for (const reading of asked) {
      reading.seen = null
      reading.isLost = true
      reading.leaveReplica()
    }
    if (!error.retriable) this.#waits.failure = error
    this.#waits.notify()
    return backoffMs(this.#failures, brokerId)
  }

  // ---- learning who leads what

  /** Asks the brokers until nothing is lost any more. */
  async #learn(): Promise<void> {
    if (this.#isLearning || this.#waits.isClosed) return
    this.#isLearning = true
    const lost = [...this.#readings.values()].filter(({ isLost }) => isLost)
    let pauseMs = 0
    try {
      await this.#source.refresh([...new Set(lost.map(({ topic }) => topic))])
      this.#waits.failure = null
      for (const reading of lost) this.#errors.described(reading)
      this.#failures.delete(LEARNING)
      const isLeft = lost.some(({ isLost, failure }) => isLost && failure === null)
      if (isLeft) pauseMs = BACKOFF_MS_MIN * 5
    } catch (error) {
      this.#waits.failure = MillraceError.is(error)
        ? error
        : new MillraceError('INTERNAL', `the brokers were not asked: ${error}.`, { cause: error })
      for (const reading of lost) reading.seen = null
      pauseMs = backoffMs(this.#failures, LEARNING)
    }
    this.#waits.notify()
    if (pauseMs > 0) await this.#sleep(pauseMs)
    this.#isLearning = false
    this.#wake()
  }

  #sleep(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        resolve()
      }, ms)
      this.#timers.add(timer.unref())
    })
  }
}

/** In place of a broker's id. */
const LEARNING = -1

function backoffMs(failures: Map<number, number>, of: number): number {
  const count = (failures.get(of) ?? 0) + 1
  failures.set(of, count)
  const ms = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(count - 1, 10))
  return ms * (0.8 + 0.4 * Math.random())
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
