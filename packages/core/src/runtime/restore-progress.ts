/**
 * How the restore of one task goes: for the log, every few seconds, and for the status.
 *
 * Rates are of this restore as a whole. What is left is counted in offsets, as nobody knows how
 * many records they hold.
 */
import type { TopicPartition } from '../record/topic-partition.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from './logger.ts'

const LOG_EVERY_MS = 5_000

/** What was restored for a task, and how long it took. */
export interface RestoreStatus extends TopicPartition {
  readonly recordsRead: number
  readonly bytesRead: number
  /** Changelog offsets that are still to be read. */
  readonly offsetsLeft: number
  readonly recordsPerSecond: number
  /** Null: nothing can be said yet. */
  readonly secondsLeft: number | null
  /** State on the local disk was there and was used. */
  readonly isLocalReused: boolean
  readonly ms: number
}

export class RestoreProgress {
  readonly #changelog: TopicPartition
  readonly #clock: Clock
  readonly #log: Logger
  readonly #startedAt: number
  #loggedAt: number
  #endedAt: number | null = null
  #from = 0
  #position = 0
  #end = 0
  #recordsRead = 0
  #bytesRead = 0
  #isLocalReused = false

  constructor(changelog: TopicPartition, clock: Clock, log: Logger) {
    this.#changelog = changelog
    this.#clock = clock
    this.#log = log
    this.#startedAt = clock.now()
    this.#loggedAt = this.#startedAt
  }

  begin(from: number, end: number, isLocalReused: boolean): void {
    this.#from = from
    this.#position = from
    this.#end = end
    this.#isLocalReused = isLocalReused
  }

  moved(raw: RawBatch): void {
    this.#position = raw.nextOffset
    this.#recordsRead += raw.count
    for (let i = 0; i < raw.count; i++) {
      this.#bytesRead += Math.max(0, raw.keySize[i] as number)
      this.#bytesRead += Math.max(0, raw.valueSize[i] as number)
    }
    const now = this.#clock.now()
    if (now - this.#loggedAt < LOG_EVERY_MS) return
    this.#loggedAt = now
    this.#log.info(this.status(), 'restoring state')
  }

  end(): void {
    this.#endedAt = this.#clock.now()
    this.#position = this.#end
    if (this.#recordsRead > 0) this.#log.info(this.status(), 'state restored')
  }

  status(): RestoreStatus {
    const ms = (this.#endedAt ?? this.#clock.now()) - this.#startedAt
    const done = this.#position - this.#from
    const offsetsLeft = Math.max(0, this.#end - this.#position)
    return {
      ...this.#changelog,
      recordsRead: this.#recordsRead,
      bytesRead: this.#bytesRead,
      offsetsLeft,
      recordsPerSecond: ms > 0 ? Math.round((this.#recordsRead * 1000) / ms) : 0,
      secondsLeft: done > 0 ? Math.round((offsetsLeft * ms) / done) / 1000 : null,
      isLocalReused: this.#isLocalReused,
      ms,
    }
  }
}
