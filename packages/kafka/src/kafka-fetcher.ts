/**
 * Reads partitions through a second librdkafka consumer, in no group, with manual assignment.
 *
 *   client's queue ─► pump: consume ─► a queue per partition ─► poll, in turn
 *                                  ▲
 *            look (`PartitionLook`): offsets checked before reading, ends told, stalls found
 *
 * Two things always hold. Partitions are assigned and unassigned only between two calls of
 * `consume`, so what a call gives belongs to the assignment of the moment; a record of a partition
 * that was removed or paused meanwhile finds no queue. And our queues together with the client's
 * stay within `bufferBytesMax`: the pump rests while ours are full.
 */
import type {
  Fetcher,
  FetcherOptions,
  FetchProgress,
  RawBatch,
  TopicPartition,
} from '@millrace/core'
import { brokerError, CODE, codeOf, isRefused, isUnreachable } from './broker-errors.ts'
import { closeClient } from './connect-client.ts'
import type { NativeConsumer, NativeError, NativeOffset, NativeRecord } from './native-client.ts'
import type { PartitionLook } from './partition-look.ts'
import { PartitionReading } from './partition-reading.ts'
import { PollWait } from './poll-wait.ts'

const CONSUME_RECORDS_MAX = 500
/** The client wakes the pump; this is for a wake that was missed. */
const PUMP_EVERY_MS = 50
const LOOK_EVERY_MS = 500
/** What was seen longer ago says nothing of now. */
const RECENT_MS = 2_000
/** The client's own queue takes the rest. */
const OWN_SHARE = 0.5
/** A partition that is held is read again when its queue is down to this part of ours. */
const HELD_SHARE = 0.25

export class KafkaFetcher implements Fetcher {
  readonly #native: NativeConsumer
  readonly #look: PartitionLook
  readonly #options: FetcherOptions
  /** By name, whose turn is next first. */
  readonly #readings = new Map<string, PartitionReading>()
  /** What the client has assigned. */
  readonly #assigned = new Map<string, PartitionReading>()
  readonly #timers: NodeJS.Timeout[]
  readonly #waits = new PollWait()
  /** Ends reached, told before the records of the same call of `consume` are. */
  readonly #ends: Required<NativeOffset>[] = []
  #isConsuming = false
  /** Something has changed since the pump looked. */
  #isWanted = false
  #isLooking = false
  /** The pump under way, for `close`. */
  #pumping: Promise<void> = Promise.resolve()

  constructor(native: NativeConsumer, look: PartitionLook, options: FetcherOptions) {
    this.#native = native
    this.#look = look
    this.#options = options
    native.setDefaultConsumeTimeout(0)
    native.on('partition.eof', end => this.#ends.push(end))
    native.on('event.error', error => this.#onClientError(error))
    const pump = setInterval(() => this.wake(), PUMP_EVERY_MS)
    const looking = setInterval(() => this.#startLook(), LOOK_EVERY_MS)
    this.#timers = [pump.unref(), looking.unref()]
  }

  /** The client has something; called by the client. */
  wake(): void {
    this.#isWanted = true
    if (!this.#isConsuming && !this.#waits.isClosed) this.#pumping = this.#pump()
  }

  add(partition: TopicPartition, offset: number): void {
    const { batchRecordsMax } = this.#options
    this.#readings.set(nameOf(partition), new PartitionReading(partition, offset, batchRecordsMax))
    this.#startLook()
  }

  remove(partition: TopicPartition): void {
    this.#readings.delete(nameOf(partition))
    this.wake()
  }

  pause(partition: TopicPartition): void {
    const reading = this.#readings.get(nameOf(partition))
    if (reading === undefined || reading.isPaused) return
    reading.isPaused = true
    reading.drop()
    this.wake()
  }

  resume(partition: TopicPartition): void {
    const reading = this.#readings.get(nameOf(partition))
    if (reading === undefined || !reading.isPaused) return
    // Anew: what was consumed before the pause and has not arrived yet must not be taken for it.
    const { position, topicId, isChecked, failure } = reading
    this.add(partition, position)
    Object.assign(this.#readings.get(nameOf(partition)) as PartitionReading, {
      topicId,
      isChecked,
      failure,
    })
    this.wake()
  }

  poll(timeoutMs: number): Promise<RawBatch | null> {
    return this.#waits.poll(timeoutMs, () => this.#next())
  }

  progress(partition: TopicPartition): FetchProgress | null {
    const reading = this.#readings.get(nameOf(partition))
    if (reading === undefined || reading.isPaused || reading.failure !== null) return null
    const { seen, position } = reading
    if (seen === null || performance.now() - seen.askedAt > RECENT_MS) return null
    const { lastStableOffset, highWatermark } = seen
    // Read beyond what was seen: the end has moved since.
    return position > lastStableOffset ? null : { position, lastStableOffset, highWatermark }
  }

  async close(): Promise<void> {
    if (this.#waits.isClosed) return
    for (const timer of this.#timers) clearInterval(timer)
    this.#readings.clear()
    this.#waits.close()
    await this.#pumping
    await closeClient(this.#native)
  }

  /** A batch of the partition whose turn it is. */
  #next(): RawBatch | null {
    for (const [name, reading] of [...this.#readings]) {
      if (reading.isPaused || (reading.isEmpty && reading.failure === null)) continue
      this.#readings.delete(name)
      this.#readings.set(name, reading)
      const batch = reading.take()
      if (batch === null) throw reading.failure
      this.wake()
      return batch
    }
    return null
  }

  // ---- the pump

  async #pump(): Promise<void> {
    this.#isConsuming = true
    while (this.#isWanted && !this.#waits.isClosed) {
      this.#isWanted = false
      const isFull = this.#isFull()
      this.#applyAssignments()
      if (this.#assigned.size > 0 && !isFull) await this.#consume()
    }
    this.#isConsuming = false
  }

  #consume(): Promise<void> {
    return new Promise(resolve => {
      this.#native.consume(CONSUME_RECORDS_MAX, (error, records) => {
        if (error) this.#onClientError(error)
        else this.#accept(records)
        this.#passEnds()
        if (!error && records.length >= CONSUME_RECORDS_MAX) this.#isWanted = true
        resolve()
      })
    })
  }

  /** Everything before an end was given, whether there were records to the very end or not. */
  #passEnds(): void {
    for (const end of this.#ends.splice(0)) {
      const name = nameOf(end)
      const reading = this.#assigned.get(name)
      if (reading !== undefined && this.#isCurrent(name, reading))
        reading.moveTo(end.offset as number)
    }
  }

  #accept(records: readonly NativeRecord[]): void {
    if (records.length === 0) return
    this.#waits.failure = null
    let name = ''
    let reading: PartitionReading | undefined
    for (const record of records) {
      if (reading?.partition !== record.partition || reading.topic !== record.topic) {
        name = nameOf(record)
        reading = this.#assigned.get(name)
      }
      if (reading !== undefined && this.#isCurrent(name, reading)) reading.append(record)
    }
    this.#waits.notify()
  }

  #isCurrent(name: string, reading: PartitionReading): boolean {
    return this.#readings.get(name) === reading && !reading.isPaused
  }

  /** Only between two calls of `consume`. */
  #applyAssignments(): void {
    const gone: NativeOffset[] = []
    const come: NativeOffset[] = []
    for (const [name, reading] of this.#assigned) {
      const isWanted = reading.isAssigned && !reading.isHeld && reading.failure === null
      if (isWanted && this.#isCurrent(name, reading)) continue
      reading.isAssigned = false
      this.#assigned.delete(name)
      gone.push({ topic: reading.topic, partition: reading.partition })
    }
    for (const [name, reading] of this.#readings) {
      if (reading.isAssigned || !mayRead(reading)) continue
      reading.isAssigned = true
      this.#assigned.set(name, reading)
      const { topic, partition, clientPosition } = reading
      come.push({ topic, partition, offset: clientPosition })
    }
    if (gone.length > 0) this.#native.incrementalUnassign(gone)
    if (come.length > 0) this.#native.incrementalAssign(come)
  }

  /**
   * Whether the pump must rest. The client gives records in the order they were fetched, so one
   * partition could fill our queues while another has nothing: then the full ones are held, and it
   * goes on for those that starve.
   */
  #isFull(): boolean {
    const bytesMax = this.#options.bufferBytesMax * OWN_SHARE
    let bytes = 0
    let isStarving = false
    for (const reading of this.#readings.values()) {
      bytes += reading.queuedBytes
      isStarving ||= reading.isStarving
      if (reading.queuedBytes <= bytesMax * HELD_SHARE) reading.isHeld = false
    }
    if (bytes <= bytesMax) return false
    if (!isStarving) return true
    for (const reading of this.#readings.values()) {
      if (reading.queuedBytes > bytesMax * HELD_SHARE) reading.isHeld = true
    }
    return false
  }

  // ---- looking at the broker

  #startLook(): void {
    if (this.#isLooking || this.#waits.isClosed) return
    const unsure = [...this.#readings.values()].filter(needsLook)
    if (unsure.length === 0) return
    this.#isLooking = true
    void this.#lookAt(unsure).finally(() => {
      this.#isLooking = false
      // What was added meanwhile waits for nobody.
      if ([...this.#readings.values()].some(isNew)) this.#startLook()
    })
  }

  async #lookAt(unsure: readonly PartitionReading[]): Promise<void> {
    // The caller adds several at once: one question for all of them.
    await Promise.resolve()
    try {
      await this.#look.at([...this.#readings.values()].filter(needsLook))
      this.#waits.failure = null
    } catch (error) {
      this.#waits.failure = brokerError('the brokers were not asked', error)
      for (const reading of unsure) reading.seen = null
      await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS).unref())
    }
    this.wake()
    this.#waits.notify()
  }

  /** The client says neither which partition nor, at times, that there was an error: look. */
  #onClientError(error: NativeError): void {
    if (isRefused(error) && codeOf(error) !== CODE.fatal) {
      this.#waits.failure = brokerError('reading was refused', error, {}, 'Read')
      this.#waits.notify()
      return
    }
    if (!isUnreachable(error)) this.#look.suspect()
    this.#startLook()
  }
}

function needsLook(reading: PartitionReading): boolean {
  return !reading.isPaused && reading.failure === null && (!reading.isChecked || reading.isEmpty)
}

function mayRead({ isPaused, isHeld, isChecked, failure }: PartitionReading): boolean {
  return isChecked && !isPaused && !isHeld && failure === null
}

function isNew(reading: PartitionReading): boolean {
  return !reading.isPaused && reading.failure === null && !reading.isChecked
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
