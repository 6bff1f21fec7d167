/**
 * A recorded source as it came about: its rows are handed out when they happened, faster or slower.
 *
 * The first row of a run is handed out at once; another one when the time between the two has
 * passed, divided by `speed`. All partitions keep pace with each other. Rows keep their order: one
 * that happened before the row in front of it comes at once. Results do not depend on it.
 */
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'
import type { Clock } from '../util/clock.ts'
import type { Source, SourceChunk, SourceContext, SourceReader, SourceRecord } from './source.ts'

export interface ReplayOptions {
  /**
   * How many times as fast as it happened: 1 = as it happened, 10 = ten times as fast. Default
   * Infinity = at once.
   */
  readonly speed?: number
}

/**
 * Hands out the rows of a source by the time at which they happened. The source must give rows an
 * event time: `timestamp` of `fromCsv`, `fromJsonLines`, `fromArray`. Nothing waits for a row that
 * is not due: other inputs go on, and a run that is told to stop stops at once.
 *
 * @example
 * const flights = fromCsv('flights.csv', { schema: Flight, timestamp: 'date' })
 * app.dataframe(replay(flights, { speed: 60 }))
 */
export function replay<Row>(source: Source<Row>, options: ReplayOptions = {}): Source<Row> {
  const { speed = Number.POSITIVE_INFINITY } = options
  if (typeof speed !== 'number' || !(speed > 0)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `speed must be a number above 0, 10 is ten times as fast; got ${describeValue(speed)}.`,
    )
  }
  if (speed === Number.POSITIVE_INFINITY) return source
  const paces = new WeakMap<SourceContext, Pace>()
  return Object.freeze<Source<Row>>({
    ...source,
    open: async (partition, position, context) => {
      // Who reads without a run is not made to wait.
      if (context === undefined) return source.open(partition, position)
      // Of all rows: the first one begins the time, wanted or not.
      const { wanted: _, ...all } = context
      const reader = await source.open(partition, position, all)
      const pace = paces.get(context) ?? new Pace(context.clock, speed)
      paces.set(context, pace)
      return new ReplayReader(reader, pace, source.name)
    },
  })
}

/** When rows are due, the same for all readers of a run. */
class Pace {
  readonly #clock: Clock
  readonly #speed: number
  /** Wall time and event time of the first row. */
  #begin: { readonly at: number; readonly timestamp: number } | null = null

  constructor(clock: Clock, speed: number) {
    this.#clock = clock
    this.#speed = speed
  }

  get now(): number {
    return this.#clock.now()
  }

  dueAt(timestamp: number): number {
    this.#begin ??= { at: this.now, timestamp }
    return this.#begin.at + (timestamp - this.#begin.timestamp) / this.#speed
  }
}

interface DueRow {
  /** Of one row or none. */
  readonly chunk: SourceChunk
  readonly dueAt: number
}

class ReplayReader implements SourceReader {
  readonly #reader: SourceReader
  readonly #pace: Pace
  readonly #name: string
  readonly skipBad?: () => Promise<Uint8Array | null>
  /** A row that was read and is not due; `position` is before it. */
  #held: DueRow | null = null
  #position: string | null = null
  #isEnd = false

  constructor(reader: SourceReader, pace: Pace, name: string) {
    this.#reader = reader
    this.#pace = pace
    this.#name = name
    const { skipBad } = reader
    if (skipBad === undefined) return
    this.skipBad = () => {
      // Another one from here on, which the reader knows.
      this.#position = null
      return skipBad.call(reader)
    }
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    this.#position ??= (await this.#reader.read(0)).position
    const records: SourceRecord[] = []
    while (records.length < recordsMax && !this.#isEnd) {
      const row = this.#held ?? (await this.#next(records.length > 0))
      if (row === null) break
      const { chunk, dueAt } = row
      if (dueAt > this.#pace.now) {
        this.#held = row
        return { records, position: this.#position, isEnd: false, resumeAt: dueAt }
      }
      this.#held = null
      this.#position = chunk.position
      this.#isEnd = chunk.isEnd
      records.push(...chunk.records)
      if (chunk.records.length === 0) break
    }
    return { records, position: this.#position, isEnd: this.#isEnd }
  }

  close(): Promise<void> {
    return this.#reader.close()
  }

  /** One row, because the position of a chunk is behind all its rows; null for a bad one. */
  async #next(isBadForLater: boolean): Promise<DueRow | null> {
    let chunk: SourceChunk
    try {
      chunk = await this.#reader.read(1)
    } catch (error) {
      // It is refused again by the next call, after the good ones before it.
      if (isBadForLater) return null
      throw error
    }
    const [record] = chunk.records
    if (record === undefined) return { chunk, dueAt: Number.NEGATIVE_INFINITY }
    if (record.timestamp !== undefined) return { chunk, dueAt: this.#pace.dueAt(record.timestamp) }
    throw new MillraceError(
      'SOURCE_FAILED',
      `${this.#name}: expected an event time to replay by, got a row without one. ` +
        "Give the source its timestamp: { timestamp: 'column' }.",
    )
  }
}
