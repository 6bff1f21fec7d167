/**
 * Prints rows, for `frame.print()`.
 *
 * Plain: at each commit the rows of the epoch as an aligned table, at most `limit` of them and a
 * line that counts the others. Live, on a terminal: one table that is drawn again in place with
 * the latest row per key. Nothing is printed of an epoch that was given up.
 */
import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import { FirstRows, LatestRows } from './console-epoch.ts'
import { rowTable } from './row-table.ts'
import type { Receipt, Sink, SinkDefinition } from './sink.ts'
import { EpochWriter, StagedEpochs } from './staged-epochs.ts'

/** Where the text goes; `process.stdout` is one. */
export interface ConsoleOutput {
  write(text: string, done: (error?: Error | null) => void): unknown
  readonly isTTY?: boolean
  /** Height of the terminal in lines. */
  readonly rows?: number
}

export interface ConsoleSinkOptions {
  /** Draw one table in place instead of printing each epoch; on a terminal only. Default false. */
  readonly live?: boolean
  /** Live: the columns of which the latest row is shown. Default the record key and its window. */
  readonly key?: readonly string[]
  /** How many rows an epoch prints, or the live table has. Default 20. */
  readonly limit?: number
  /** Default `process.stdout`. */
  readonly out?: ConsoleOutput
}

/** A face of the printed rows: what an epoch gathers, and how it is shown. */
interface Printer<E> {
  readonly make: () => E
  /** The text to write; empty = nothing. */
  readonly text: (epoch: E) => string
}

/** A sink that prints rows. */
export function consoleSink(options: ConsoleSinkOptions = {}): SinkDefinition {
  const { live = false, key, limit = 20 } = options
  if (!Number.isInteger(limit) || limit < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `limit must be a whole number above 0; got ${describeValue(limit)}.`,
    )
  }
  const out = options.out ?? process.stdout
  const isLive = live && out.isTTY === true
  const create = isLive
    ? tasksOf(out, livePrinter(out, key, limit))
    : tasksOf(out, plainPrinter(limit))
  return Object.freeze<SinkDefinition>({
    name: 'console',
    check: (schema: Schema) => {
      for (const name of key ?? []) schema.typeOf(name)
    },
    create,
  })
}

function plainPrinter(limit: number): Printer<FirstRows> {
  return {
    make: () => new FirstRows(limit),
    text: ({ schema, rows, count }) => {
      if (count === 0) return ''
      const more = count > rows.length ? [`… and ${count - rows.length} more rows`] : []
      return `${[...rowTable(schema, rows), ...more].join('\n')}\n`
    },
  }
}

function livePrinter(
  out: ConsoleOutput,
  key: readonly string[] | undefined,
  limit: number,
): Printer<LatestRows> {
  const latest = new LatestRows(key, limit)
  let drawn = 0
  return {
    make: () => new LatestRows(key, limit),
    text: epoch => {
      if (epoch.size === 0) return ''
      latest.merge(epoch)
      const height = Math.max(2, (out.rows ?? Number.POSITIVE_INFINITY) - 1)
      const lines = rowTable(latest.schema, latest.rows()).slice(0, height)
      // Up to the first line of the last table, clear to the end; long lines are cut, not wrapped.
      const back = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`
      drawn = lines.length
      return `${back}\u001b[?7l${lines.join('\n')}\n\u001b[?7h`
    },
  }
}

function tasksOf<E extends FirstRows | LatestRows>(
  out: ConsoleOutput,
  printer: Printer<E>,
): (task: string) => Sink {
  const tasks = new Map<string, StagedEpochs<E>>()
  return task => {
    const epochs = tasks.get(task) ?? new StagedEpochs(printer.make)
    tasks.set(task, epochs)
    return new ConsoleWriter(out, printer, new EpochWriter(epochs))
  }
}

class ConsoleWriter<E extends FirstRows | LatestRows> implements Sink {
  readonly #out: ConsoleOutput
  readonly #printer: Printer<E>
  readonly #staged: EpochWriter<E>

  constructor(out: ConsoleOutput, printer: Printer<E>, staged: EpochWriter<E>) {
    this.#out = out
    this.#printer = printer
    this.#staged = staged
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): undefined {
    this.#staged.open.add(batch)
  }

  async prepare(epoch: number): Promise<Receipt> {
    return this.#staged.prepare(epoch)
  }

  async commit(epoch: number, receipt: Receipt): Promise<void> {
    await this.#print(this.#staged.commit(epoch, receipt))
  }

  async abort(epoch: number): Promise<void> {
    this.#staged.abort(epoch)
  }

  async recover(receipts: Parameters<Sink['recover']>[0]): Promise<void> {
    for (const epoch of this.#staged.recover(receipts)) await this.#print(epoch)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #print(epoch: E | undefined): Promise<void> {
    const text = epoch === undefined ? '' : this.#printer.text(epoch)
    if (text === '') return
    await new Promise<void>((resolve, reject) => {
      this.#out.write(text, error => {
        if (!error) return resolve()
        const reason = `cannot print: ${error.message}. The output was closed; print elsewhere.`
        reject(new MillraceError('SINK_FAILED', reason, { cause: error }))
      })
    })
  }
}
