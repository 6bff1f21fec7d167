/**
 * Reads changelogs for all tasks that are being restored, side by side through one fetcher.
 *
 * Only committed records are given. A partition is read to its end, the high watermark, which the
 * transaction of an earlier owner may hold back for a while. Trouble with the broker that may pass
 * is waited for, a bounded time.
 */
import { MillraceError } from '../errors.ts'
import { partitionName, type TopicPartition } from '../record/topic-partition.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { Fetcher, Transport } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { Waiting } from './waiting.ts'

const POLL_MS = 100
const BUFFER_BYTES_MAX = 16 * 1024 * 1024
const BATCH_RECORDS_MAX = 10_000
const RETRY_MS = 500
const UNREACHABLE_MS = 60_000

export interface ChangelogRange {
  readonly from: number
  /** The first offset that is not read. */
  readonly end: number
  /** Takes committed records in their order; `next` = the offset behind them. */
  readonly take: (raw: RawBatch) => Promise<void>
  readonly signal: AbortSignal
}

interface Reading {
  readonly changelog: TopicPartition
  readonly range: ChangelogRange
  position: number
  /** What was taken last is still being written. */
  taking: Promise<void>
  readonly settle: (failure: unknown) => void
}

export class ChangelogReader {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #waiting: Waiting
  readonly #readings = new Map<string, Reading>()
  #fetcher: Fetcher | null = null
  #loop: Promise<void> | null = null

  constructor(transport: Transport, clock: Clock, waiting: Waiting) {
    this.#transport = transport
    this.#clock = clock
    this.#waiting = waiting
  }

  /** Resolves when everything was taken, or the signal was aborted. */
  read(changelog: TopicPartition, range: ChangelogRange): Promise<void> {
    if (range.from >= range.end || range.signal.aborted) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (failure: unknown): void => (failure === null ? resolve() : reject(failure))
      const taking = Promise.resolve()
      const reading = { changelog, range, position: range.from, taking, settle }
      this.#readings.set(partitionName(changelog.topic, changelog.partition), reading)
      range.signal.addEventListener('abort', () => this.#end(reading), { once: true })
      this.#fetcher?.add(changelog, range.from)
      this.#loop ??= this.#readAll().catch(error => this.#failAll(error))
    })
  }

  async #readAll(): Promise<void> {
    const limits = { bufferBytesMax: BUFFER_BYTES_MAX, batchRecordsMax: BATCH_RECORDS_MAX }
    const fetcher = await this.#transport.createFetcher(limits)
    this.#fetcher = fetcher
    for (const { changelog, position } of this.#readings.values()) fetcher.add(changelog, position)
    try {
      while (this.#readings.size > 0) await this.#readSome(fetcher)
    } finally {
      this.#fetcher = null
      this.#loop = null
      await fetcher.close()
    }
  }

  async #readSome(fetcher: Fetcher): Promise<void> {
    const raw = await this.#poll(fetcher)
    if (raw !== null) {
      const reading = this.#readings.get(partitionName(raw.topic, raw.partition))
      if (reading !== undefined) {
        await reading.taking
        reading.taking = reading.range.take(raw)
        // Heard of when the next batch comes, or at the end.
        reading.taking.catch(() => {})
        reading.position = raw.nextOffset
      }
    }
    for (const reading of this.#readings.values()) {
      const { changelog, range } = reading
      // Control records and gaps at the end move the position without a batch.
      if (raw === null) {
        const seen = fetcher.progress(changelog)?.position ?? reading.position
        reading.position = Math.max(reading.position, seen)
      }
      if (reading.position >= range.end) this.#end(reading)
    }
  }

  #end(reading: Reading): void {
    const { changelog, taking, settle } = reading
    const name = partitionName(changelog.topic, changelog.partition)
    if (this.#readings.get(name) !== reading) return
    this.#readings.delete(name)
    this.#fetcher?.remove(changelog)
    taking.then(() => settle(null), settle)
  }

  async #poll(fetcher: Fetcher): Promise<RawBatch | null> {
    const giveUpAt = this.#clock.now() + UNREACHABLE_MS
    for (;;) {
      try {
        return await this.#waiting(fetcher.poll(POLL_MS))
      } catch (error) {
        const mayPass = MillraceError.is(error) && error.retriable && this.#clock.now() < giveUpAt
        if (!mayPass) throw error
        await this.#waiting(this.#clock.sleep(RETRY_MS))
      }
    }
  }

  #failAll(error: unknown): void {
    this.#loop = null
    this.#fetcher = null
    for (const reading of this.#readings.values()) reading.settle(error)
    this.#readings.clear()
  }
}
