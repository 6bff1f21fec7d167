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
import type { SourceChunk, SourceContext, SourceReader } from '../source/source.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { assert } from '../util/assert.ts'
import { stampEventTime } from './event-time.ts'
import type { Intake } from './intake.ts'
import { SourceClock } from './source-clock.ts'

/** What a row can have; anything else is trouble of the source. */
const ROW_FAULTS: ReadonlySet<string> = new Set(['DECODE_FAILED', 'TIMESTAMP_UNIT', 'OVERFLOW'])

/** It ends when the source says so. */
export class LocalIntake implements Intake {
  readonly clock: SourceClock
  readonly #input: LocalInput
  readonly #context: OperatorContext
  #reader: SourceReader | null = null
  readonly #sourceContext: SourceContext
  #recordsRead = 0
  #resumeAt = Number.NEGATIVE_INFINITY

  constructor(input: LocalInput, context: OperatorContext, sourceContext: SourceContext) {
    this.#sourceContext = sourceContext
    this.clock = new SourceClock(input.disorderMs, Number.POSITIVE_INFINITY)
    this.#input = input
    this.#context = context
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
    this.#resumeAt = chunk?.resumeAt ?? Number.NEGATIVE_INFINITY
    if (chunk === null) return 0
    const { records, isEnd, leftOut = 0 } = chunk
    this.#recordsRead += leftOut
    if (records.length > 0) {
      const place = { name: source.name, partition, firstOffset: this.#recordsRead }
      const batch = sourceBatch(records, source.schema, this.#input.read, place)
      const guard = { step: source.name, policy: onError, context: this.#context }
      await graph.process(stampEventTime(batch, timestamp, this.clock, guard))
      this.#recordsRead += records.length
    }
    if (isEnd) this.clock.end()
    return records.length
  }

  async close(): Promise<void> {
    await this.#reader?.close()
  }

  #open(): Promise<SourceReader> {
    const { source, read, wanted } = this.#input
    const context = { ...this.#sourceContext, read, ...(wanted && { wanted }) }
    return source.open(this.#context.partition, null, context)
  }

  /** Null: there were only bad rows, as many as may be dealt with at once. */
  async #read(reader: SourceReader, recordsMax: number): Promise<SourceChunk | null> {
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
    return null
  }
}
