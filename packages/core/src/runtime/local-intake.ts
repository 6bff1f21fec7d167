import type { OperatorContext } from '../operator/operator.ts'
import type { OperatorGraph } from '../operator/operator-graph.ts'
import type { LocalInput } from '../operator/pipeline.ts'
import type { SourceReader } from '../source/source.ts'
import { sourceBatch } from '../source/source-batch.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { stampEventTime } from './event-time.ts'
import type { Intake } from './intake.ts'
import { SourceClock } from './source-clock.ts'

/** Rows of a source outside Kafka. It ends when the source says so. */
export class LocalIntake implements Intake {
  readonly clock: SourceClock
  readonly #input: LocalInput
  readonly #context: OperatorContext
  #reader: SourceReader | null = null
  #recordsRead = 0

  constructor(input: LocalInput, context: OperatorContext) {
    this.clock = new SourceClock(input.disorderMs, Number.POSITIVE_INFINITY)
    this.#input = input
    this.#context = context
  }

  take(_raw: RawBatch): undefined {}

  async pull(recordsMax: number, graph: OperatorGraph): Promise<number> {
    const { source, read, timestamp, onError } = this.#input
    const { partition } = this.#context
    this.#reader ??= await source.open(partition, null)
    const { records, isEnd } = await this.#reader.read(recordsMax)
    if (records.length > 0) {
      const place = { name: source.name, partition, firstOffset: this.#recordsRead }
      const batch = sourceBatch(records, source.schema, read, place)
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
}
