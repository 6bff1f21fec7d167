/**
 * Rows of a source outside Kafka, as batches of a task.
 *
 * The task pulls; nothing is read ahead. A source that says when it goes on is left alone until
 * then. A bad row goes to the policy: skipped, a dead letter, or the end of the run.
 */
import { MillraceError } from '../errors.ts'
import type { OperatorContext } from '../operator/operator.ts'
import type { OperatorGraph } from '../operator/operator-graph.ts'
import type { LocalInput } from '../operator/pipeline.ts'
import type { SourcePosition } from '../record/format/epoch-marker.ts'
import type { SourceChunk, SourceContext, SourceReader } from '../source/source.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { assert } from '../util/assert.ts'
import { stampEventTime } from './event-time.ts'
import type { Intake } from './intake.ts'
import { SourceClock } from './source-clock.ts'

/** What a row can have; anything else is trouble of the source. */
const ROW_FAULTS: ReadonlySet<string> = new Set(['DECODE_FAILED', 'TIMESTAMP_UNIT', 'OVERFLOW'])

/** Where a source goes on. */
export interface SourceAt {
  /** How many records were read. */
  readonly count: number
  readonly source: SourcePosition
}

/** Where an earlier task has stopped. */
export interface SourceStart {
  readonly count: number
  /** Null: at the beginning. */
  readonly position: string | null
}

/** It ends when the source says so. */
export class LocalIntake implements Intake {
  readonly clock: SourceClock
  readonly #input: LocalInput
  readonly #context: OperatorContext
  #reader: SourceReader | null = null
  readonly #sourceContext: SourceContext
  #at: SourceAt
  #resumeAt = Number.NEGATIVE_INFINITY

  /** @param start where an earlier task has stopped. */
  constructor(
    input: LocalInput,
    context: OperatorContext,
    sourceContext: SourceContext,
    start: SourceStart,
  ) {
    this.#at = atOf(input, start.count, start.position)
    this.#sourceContext = sourceContext
    this.clock = new SourceClock(input.disorderMs, Number.POSITIVE_INFINITY)
    this.#input = input
    this.#context = context
  }

  get at(): SourceAt {
    return this.#at
  }

  /** Wall time before which the source has nothing. */
  get resumeAt(): number {
    return this.#resumeAt
  }

  async take(): Promise<number> {
    assert(false, 'a source outside Kafka is pulled')
  }

  async pull(recordsMax: number, graph: OperatorGraph): Promise<number> {
    const { source, timestamp, onError } = this.#input
    const { partition } = this.#context
    if (this.#resumeAt > this.#sourceContext.clock.now()) return 0
    this.#reader ??= await this.#open()
    const chunk = await this.#read(this.#reader, recordsMax)
    this.#resumeAt = chunk.resumeAt ?? Number.NEGATIVE_INFINITY
    const { records, isEnd, position, leftOut = 0 } = chunk
    const firstOffset = this.#at.count + leftOut
    if (records.length > 0) {
      const place = { name: source.name, partition, firstOffset }
      const batch = sourceBatch(records, source.schema, this.#input.read, place)
      const guard = { step: source.name, policy: onError, context: this.#context }
      await graph.process(stampEventTime(batch, timestamp, this.clock, guard))
    }
    const count = firstOffset + records.length
    const hasMoved = count !== this.#at.count || position !== this.#at.source.position
    if (hasMoved) this.#at = atOf(this.#input, count, position)
    if (isEnd) this.clock.end()
    return records.length
  }

  async close(): Promise<void> {
    await this.#reader?.close()
  }

  #open(): Promise<SourceReader> {
    const { source, read, wanted } = this.#input
    const context = { ...this.#sourceContext, read, ...(wanted && { wanted }) }
    return source.open(this.#context.partition, this.#at.source.position, context)
  }

  /** No records: there were only bad rows, as many as may be dealt with at once, or none at all. */
  async #read(reader: SourceReader, recordsMax: number): Promise<SourceChunk> {
    const { source, onError } = this.#input
    const { clock } = this.#sourceContext
    for (let skipped = 0; skipped < recordsMax; skipped++) {
      try {
        return await reader.read(recordsMax)
      } catch (error) {
        const isOfRow = MillraceError.is(error) && ROW_FAULTS.has(error.code)
        if (!isOfRow || reader.skipBad === undefined) throw error
        const value = Buffer.from((await reader.skipBad()) ?? [])
        const record = () => ({ key: null, value, timestamp: clock.now(), headers: [] })
        this.#context.recordFailed(error.at({ step: source.name }), onError, record)
      }
    }
    // Where it stands behind them.
    return reader.read(0)
  }
}

function atOf({ source }: LocalInput, count: number, position: string | null): SourceAt {
  return { count, source: { name: source.name, position } }
}
