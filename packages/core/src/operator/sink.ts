import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import type { Receipt, Sink } from '../sink/sink.ts'
import type { CommittedEpoch, Operator, OperatorContext } from './operator.ts'

/**
 * Hands batches to the sink of this task and takes part in both phases of the checkpoint for it.
 */
export class SinkOperator implements Operator {
  readonly name: string
  readonly #sink: Sink
  #context!: OperatorContext

  constructor(name: string, sink: Sink) {
    this.name = name
    this.#sink = sink
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context
    await this.#guard(this.#sink.open())
  }

  process(batch: Batch): void {
    try {
      const busy = this.#sink.write(batch)
      if (busy !== undefined) this.#context.waitFor(this.#guard(busy))
    } catch (error) {
      throw this.#failure(error)
    }
  }

  recover(committed: readonly CommittedEpoch[]): Promise<void> {
    return this.#guard(this.#sink.recover(committed))
  }

  prepare(epoch: number): Promise<Receipt> {
    return this.#guard(this.#sink.prepare(epoch))
  }

  commit(epoch: number, receipt: Receipt): Promise<void> {
    return this.#guard(this.#sink.commit(epoch, receipt))
  }

  abort(epoch: number): Promise<void> {
    return this.#guard(this.#sink.abort(epoch))
  }

  async close(): Promise<void> {
    await this.#sink.close()
  }

  async #guard<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): MillraceError {
    if (MillraceError.is(error)) return error.at({ step: this.name })
    const text = error instanceof Error ? error.message : String(error)
    return new MillraceError(
      'SINK_FAILED',
      `the sink failed: ${text}. Nothing after the last committed epoch is lost: it is ` +
        'written again at the next start.',
      { step: this.name, cause: error },
    )
  }
}
