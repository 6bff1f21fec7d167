/**
 * Collects rows in memory, for tests and notebooks: the simplest sink in two phases.
 *
 * A task's rows wait in its epochs and are moved to `rows` by the commit. Prepared epochs live with
 * the definition, so a task that crashed is finished or undone by the next one of its name.
 */
import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { Receipt, Sink, SinkDefinition } from './sink.ts'
import { EpochWriter, StagedEpochs } from './staged-epochs.ts'

export interface ListSinkOptions {
  /**
   * When a row is in `rows`: at the commit of its epoch, exactly once (default), or at once when
   * it is written, and again when the epoch is repeated.
   */
  readonly visible?: 'commit' | 'write'
}

export interface ListSink<R = Row> extends SinkDefinition {
  /** The visible rows of all tasks, in the order they became visible; tombstones left out. */
  readonly rows: readonly R[]
}

/**
 * A sink whose rows can be read back.
 *
 * @example
 * const results = listSink()
 * frame.sink(results)
 */
export function listSink<R = Row>(options: ListSinkOptions = {}): ListSink<R> {
  const rows: Row[] = []
  const tasks = new Map<string, StagedEpochs<Row[]>>()
  return Object.freeze<ListSink<R>>({
    name: 'list',
    rows: rows as R[],
    create: task => {
      if (options.visible === 'write') return new ListWriter(rows, null)
      const epochs = tasks.get(task) ?? new StagedEpochs<Row[]>(() => [])
      tasks.set(task, epochs)
      return new ListWriter(rows, new EpochWriter(epochs))
    },
  })
}

class ListWriter implements Sink {
  readonly #rows: Row[]
  /** Null: rows are visible at once. */
  readonly #staged: EpochWriter<Row[]> | null

  constructor(rows: Row[], staged: EpochWriter<Row[]> | null) {
    this.#rows = rows
    this.#staged = staged
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): undefined {
    const rowAt = rowsOf(batch)
    const target = this.#staged?.open ?? this.#rows
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (!batch.isTombstone(index)) target.push(rowAt(index))
    }
  }

  async prepare(epoch: number): Promise<Receipt> {
    return this.#staged?.prepare(epoch) ?? null
  }

  async commit(epoch: number, receipt: Receipt): Promise<void> {
    this.#show(this.#staged?.commit(epoch, receipt))
  }

  async abort(epoch: number): Promise<void> {
    this.#staged?.abort(epoch)
  }

  async recover(receipts: Parameters<Sink['recover']>[0]): Promise<void> {
    for (const rows of this.#staged?.recover(receipts) ?? []) this.#show(rows)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #show(rows: readonly Row[] = []): void {
    for (const row of rows) this.#rows.push(row)
  }
}
