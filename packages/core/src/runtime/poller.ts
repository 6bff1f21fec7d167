/**
 * The one poll under way, and what it gave.
 *
 * The run waits on it beside other things, so a poll may be answered while the run does something
 * else: its batch then waits here until the run is between two barriers and takes it. A poll that
 * fails and may go better is tried again after a pause, for a bounded time.
 */
import { MillraceError } from '../errors.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { Fetcher } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './logger.ts'

/** Pause after a poll that failed, and how long polls may fail before the run gives up. */
const RETRY_MS = 500
const UNREACHABLE_MS = 60_000

export class Poller {
  readonly #fetcher: Fetcher
  readonly #clock: Clock
  readonly #log: Logger
  #underWay: Promise<void> | null = null
  #batch: RawBatch | null = null
  #error: unknown = null
  /** Since when polls fail without a success. */
  #failingSince: number | null = null

  constructor(fetcher: Fetcher, clock: Clock, log: Logger) {
    this.#fetcher = fetcher
    this.#clock = clock
    this.#log = log
  }

  /**
   * The poll under way, or a new one of at most `timeoutMs`; none while a batch or a failure waits,
   * which the next answer would replace. Never rejects.
   */
  poll(timeoutMs: number): Promise<void> {
    if (this.#batch !== null || this.#error !== null) return Promise.resolve()
    this.#underWay ??= this.#fetcher.poll(timeoutMs).then(
      batch => {
        this.#underWay = null
        this.#batch = batch
        this.#failingSince = null
      },
      error => {
        this.#underWay = null
        this.#error = error
      },
    )
    return this.#underWay
  }

  /** The batch that was polled, once. */
  take(): RawBatch | null {
    const batch = this.#batch
    this.#batch = null
    return batch
  }

  /** True: a batch of the partition waits to be taken. */
  holds({ topic, partition }: TopicPartition): boolean {
    return this.#batch?.topic === topic && this.#batch.partition === partition
  }

  /**
   * True: a batch of the partition may be on its way. A poll under way may have moved the fetcher's
   * position already and not have been heard yet.
   */
  mayHold(partition: TopicPartition): boolean {
    return this.#underWay !== null || this.holds(partition)
  }

  /**
   * Stops reading partitions. A poll that was answered before the removal lands within one turn;
   * its batch is dropped then.
   */
  async remove(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#fetcher.remove(partition)
    await new Promise(resolve => setImmediate(resolve))
    if (partitions.some(partition => this.holds(partition))) this.#batch = null
  }

  /**
   * After a failed poll: the pause before the next; null when the last poll went well.
   * @throws the failure when another try is hopeless.
   */
  pause(signal: AbortSignal): Promise<void> | null {
    const error = this.#error
    this.#error = null
    if (error === null) return null
    this.#failingSince ??= this.#clock.now()
    const isHopeless = this.#clock.now() - this.#failingSince >= UNREACHABLE_MS
    if (!MillraceError.is(error) || !error.retriable || isHopeless) throw error
    const text = `reading goes on in ${RETRY_MS} ms: ${error.message}`
    this.#log.warn({ code: error.code }, text)
    return this.#clock.sleep(RETRY_MS, signal)
  }
}
