/**
 * Collects rows in memory, for tests and notebooks: the simplest sink in two phases.
 *
 * A task's rows wait in its epochs and are moved to `rows` by the commit. The epochs live with the
 * definition, so a task that crashed is finished or undone by the next one of its name.
 */
import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { Receipt, Sink, SinkDefinition } from './sink.ts'
import { StagedEpochs } from './staged-epochs.ts'

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
      if (options.visible === 'write') return new ListWriter(rows, rows, new StagedEpochs(() => []))
      const staged = tasks.get(task) ?? new StagedEpochs<Row[]>(() => [])
      tasks.set(task, staged)
      return new ListWriter(rows, null, staged)
    },
  })
}

const RECEIPT = Buffer.from('list 1')

class ListWriter implements Sink {
  readonly #rows: Row[]
  /** Where rows go at once; null = into the epoch. */
  readonly #direct: Row[] | null
  readonly #staged: StagedEpochs<Row[]>

  constructor(rows: Row[], direct: Row[] | null, staged: StagedEpochs<Row[]>) {
    this.#rows = rows
    this.#direct = direct
    this.#staged = staged
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): undefined {
    const rowAt = rowsOf(batch)
    const target = this.#direct ?? this.#staged.open
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (!batch.isTombstone(index)) target.push(rowAt(index))
    }
  }

  prepare(epoch: number): Promise<Receipt> {
    this.#staged.prepare(epoch)
    return Promise.resolve(this.#direct === null ? RECEIPT : null)
  }

  commit(epoch: number): Promise<void> {
    for (const row of this.#staged.take(epoch) ?? []) this.#rows.push(row)
    return Promise.resolve()
  }

  abort(epoch: number): Promise<void> {
    this.#staged.abort(epoch)
    return Promise.resolve()
  }

  async recover(receipts: readonly { readonly epoch: number }[]): Promise<void> {
    for (const { epoch } of receipts) await this.commit(epoch)
    this.#staged.clear()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
