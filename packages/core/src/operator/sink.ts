/**
 * Hands batches to the sink of this task and takes part in both phases of the checkpoint for it.
 *
 * It is the end of a record's way. What the sink throws gets the name of the step; a record that
 * the sink refuses goes to the policy of the step, as one does that fails anywhere else, any time
 * until `prepare` has resolved: a dead letter belongs to the epoch of its record.
 */
import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Schema } from '../schema/schema.ts'
import type { Receipt, Sink, SinkContext, SinkKey } from '../sink/sink.ts'
import { recordError } from './each-record.ts'
import { failedRecord } from './failed-record.ts'
import type { CommittedEpoch, Operator, OperatorContext } from './operator.ts'

export interface SinkOperatorOptions {
  readonly name: string
  readonly sink: Sink
  readonly schema: Schema
  readonly key: SinkKey | null
  readonly computed: SinkContext['computed']
  readonly onError: ErrorPolicy
}

export class SinkOperator implements Operator {
  readonly name: string
  readonly #options: SinkOperatorOptions
  readonly #sink: Sink
  #context!: OperatorContext

  constructor(options: SinkOperatorOptions) {
    this.name = options.name
    this.#options = options
    this.#sink = options.sink
  }

  get waitsFor(): string | null {
    return this.#sink.waitsFor ?? null
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context
    await this.#guard(this.#sink.open(this.#sinkContext(context)))
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

  #sinkContext(context: OperatorContext): SinkContext {
    const { name: step, schema, key, computed, onError: policy } = this.#options
    return {
      step,
      schema,
      key,
      computed,
      clock: context.clock,
      recordFailed: (error, batch, index) =>
        context.recordFailed(recordError(error, batch, step, index), policy, () =>
          failedRecord(batch, index),
        ),
      count: (metric, amount) => context.count(metric, amount),
      warn: text => context.warn(`${step}: ${text}`),
    }
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
