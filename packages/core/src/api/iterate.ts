/**
 * Hands the rows of a running frame to a consumer, one by one; the run waits while the consumer is
 * behind.
 */
import { rowsOf } from '../batch/row.ts'
import type { SinkDefinition } from '../sink/sink.ts'

const ROWS_WAITING_MAX = 1024

export class RowQueue {
  readonly sink: SinkDefinition
  readonly #rows: object[] = []
  #wakeReader: () => void = () => {}
  /** Tasks that wait for room; each has a sink of its own. */
  readonly #writers: (() => void)[] = []
  #isEnded = false
  #failure: unknown = null

  constructor() {
    this.sink = {
      name: 'iterate',
      create: () => ({
        open: async () => {},
        write: batch => {
          if (this.#isEnded) return undefined
          const rowAt = rowsOf(batch)
          for (let nth = 0; nth < batch.count; nth++) {
            const index = batch.at(nth)
            if (!batch.isTombstone(index)) this.#rows.push(rowAt(index))
          }
          this.#wakeReader()
          return this.#rows.length < ROWS_WAITING_MAX ? undefined : this.#room()
        },
        prepare: async () => null,
        commit: async () => {},
        abort: async () => {},
        recover: async () => {},
        close: async () => {},
      }),
    }
  }

  /** No row follows; with a failure, reading throws it after the last row. */
  end(failure: unknown = null): void {
    this.#isEnded = true
    this.#failure = failure
    this.#wakeReader()
  }

  /** Nobody reads any more. */
  abandon(): void {
    this.#rows.length = 0
    this.#isEnded = true
    this.#wakeWriters()
  }

  async *read(): AsyncGenerator<object> {
    for (;;) {
      const row = this.#rows.shift()
      if (row !== undefined) {
        yield row
        continue
      }
      this.#wakeWriters()
      if (this.#isEnded) break
      await new Promise<void>(resolve => {
        this.#wakeReader = resolve
      })
    }
    if (this.#failure !== null) throw this.#failure
  }

  #room(): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    return new Promise(resolve => {
      this.#writers.push(resolve)
    })
  }

  #wakeWriters(): void {
    for (const wake of this.#writers.splice(0)) wake()
  }
}
