/**
 * Reads partitions of the in-memory broker in turn.
 *
 * Nothing is fetched ahead: `poll` looks at the logs when it is asked, so a pause, a removal or a
 * seek is in force at once. A partition that fails (trimmed, missing) fails `poll` each time its
 * turn comes, until it is removed. Only committed records are given: up to the last stable offset,
 * without those of aborted transactions.
 */
import { MillraceError } from '../../errors.ts'
import { partitionName, type TopicPartition } from '../../record/topic-partition.ts'
import type { RawBatch } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import type { Fetcher, FetcherOptions, FetchProgress } from '../transport.ts'
import type { ClientLine } from './client-line.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'
import type { PartitionLog } from './partition-log.ts'

interface Reading extends TopicPartition {
  position: number
  isPaused: boolean
  /** The connection by which a poll looked at it, since it was added or resumed; -1 = none has. */
  seenBy: number
}

const NOT_SEEN = -1
/** Stands where bytes were that nobody may look at any more; tests find who does. */
const SPOILT = 0xdb

export class InMemoryFetcher implements Fetcher {
  readonly #broker: InMemoryBroker
  readonly #line: ClientLine
  readonly #options: FetcherOptions
  /** By name, whose turn is next first. */
  readonly #readings = new Map<string, Reading>()
  #isClosed = false

  constructor(broker: InMemoryBroker, line: ClientLine, options: FetcherOptions) {
    this.#broker = broker
    this.#line = line
    this.#options = options
  }

  add({ topic, partition }: TopicPartition, offset: number): void {
    const reading = { topic, partition, position: offset, isPaused: false, seenBy: NOT_SEEN }
    this.#readings.set(partitionName(topic, partition), reading)
    this.#broker.changes.notify()
  }

  remove({ topic, partition }: TopicPartition): void {
    this.#readings.delete(partitionName(topic, partition))
  }

  pause(partition: TopicPartition): void {
    this.#setPaused(partition, true)
  }

  resume(partition: TopicPartition): void {
    this.#setPaused(partition, false)
    this.#broker.changes.notify()
  }

  async poll(timeoutMs: number): Promise<RawBatch | null> {
    const { clock, changes } = this.#broker
    const deadline = clock.now() + timeoutMs
    // What the caller does right after calling, a pause for example, still counts.
    await Promise.resolve()
    if (!this.#line.isClear('poll')) await this.#line.pass('poll', 'before')
    while (!this.#isClosed) {
      if (this.#line.isHanging) await this.#line.awake()
      this.#broker.reach()
      const batch = this.#next()
      if (batch !== null) return batch
      const leftMs = deadline - clock.now()
      if (leftMs <= 0) return null
      await changes.wait(leftMs, clock)
    }
    return null
  }

  progress({ topic, partition }: TopicPartition): FetchProgress | null {
    const reading = this.#readings.get(partitionName(topic, partition))
    if (reading === undefined || reading.isPaused) return null
    const { isReachable, connection } = this.#broker
    if (!isReachable || reading.seenBy !== connection) return null
    const log = this.#broker.log(topic, partition)
    return {
      position: log.nextReadable(reading.position),
      lastStableOffset: log.lastStableOffset,
      highWatermark: log.end,
    }
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#readings.clear()
    this.#broker.changes.notify()
    return Promise.resolve()
  }

  #setPaused({ topic, partition }: TopicPartition, isPaused: boolean): void {
    const reading = this.#readings.get(partitionName(topic, partition))
    if (reading === undefined || reading.isPaused === isPaused) return
    reading.isPaused = isPaused
    reading.seenBy = NOT_SEEN
  }

  #next(): RawBatch | null {
    for (const [name, reading] of this.#broker.readOrder([...this.#readings])) {
      if (reading.isPaused) continue
      this.#readings.delete(name)
      this.#readings.set(name, reading)
      const batch = this.#take(reading)
      if (batch !== null) return batch
    }
    return null
  }

  #take(reading: Reading): RawBatch | null {
    reading.seenBy = NOT_SEEN
    const { topic, partition, position } = reading
    const log = this.#broker.log(topic, partition)
    checkRange(log, reading)
    reading.seenBy = this.#broker.connection
    const { batchRecordsMax, bufferBytesMax } = this.#options
    const read = log.read(position, batchRecordsMax, bufferBytesMax)
    if (read === null) return null
    reading.position = read.nextOffset
    const { records, offsets, nextOffset } = read
    const own = new RawRecordsBuilder()
    for (let i = 0; i < records.count; i++) own.copyRecord(records, i)
    const given = own.build()
    const done = () => {
      const { keyStart, keySize, valueStart, valueSize, headersStart, headersSize } = given
      const positions = [keyStart, keySize, valueStart, valueSize, headersStart, headersSize]
      for (const each of [...positions, given.timestamps, read.offsets]) each.fill(SPOILT)
      given.data.fill(SPOILT)
    }
    return { ...given, topic, partition, offsets, nextOffset, done }
  }
}

function checkRange(log: PartitionLog, { topic, partition, position }: Reading): void {
  if (position >= log.earliest && position <= log.end) return
  throw new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    `the partition holds offsets ${log.earliest} to ${log.end}. Records may have been deleted by ` +
      'retention before they were read; start from an offset that is there.',
    { topic, partition, offset: position },
  )
}
