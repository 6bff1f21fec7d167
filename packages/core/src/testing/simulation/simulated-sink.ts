/**
 * Where the sinks of a simulation write: a store with files that are staged, then published, and
 * that outlives the processes. A file has the name of who wrote it, so that a process that slept
 * and its successor do not write into the same.
 *
 * What is staged for an epoch that is decided is removed with it. What is staged for a later one
 * stays: whoever recovers may have slept, and a successor may have committed it.
 */
import type { Batch } from '../../batch/batch.ts'
import { type Row, rowsOf } from '../../batch/row.ts'
import type { Receipt, Sink, SinkDefinition } from '../../sink/sink.ts'

interface StagedFile {
  readonly task: string
  readonly epoch: number
  readonly rows: readonly Row[]
}

export class SimulatedSink {
  /** What everybody sees, in the order it was published. */
  readonly rows: Row[] = []
  /** Receipts whose file is not there and was not published: rows are lost. */
  readonly lost: string[] = []
  readonly #staged = new Map<string, StagedFile>()
  readonly #published = new Set<string>()
  #writers = 0

  /** @param pass settles when the process may go on; never, once it is dead. */
  by(pass: () => Promise<void>): SinkDefinition {
    return { name: 'simulated', create: task => this.#writer(task, pass) }
  }

  #writer(task: string, pass: () => Promise<void>): Sink {
    const writer = ++this.#writers
    let open: Row[] = []
    let files = 0
    /** Of each epoch prepared and not yet published. */
    const prepared = new Map<number, string>()
    return {
      open: async () => {},
      write: batch => void open.push(...rowsIn(batch)),
      prepare: async epoch => {
        await pass()
        const name = `${task} by ${writer}, file ${++files}`
        this.#staged.set(name, { task, epoch, rows: open })
        open = []
        prepared.set(epoch, name)
        return Buffer.from(name)
      },
      commit: async (epoch, receipt) => {
        await pass()
        this.#publish(task, epoch, receipt)
        prepared.delete(epoch)
      },
      abort: async epoch => {
        await pass()
        open = []
        this.#staged.delete(prepared.get(epoch) ?? '')
        prepared.delete(epoch)
      },
      recover: async receipts => {
        await pass()
        for (const { epoch, receipt } of receipts) this.#publish(task, epoch, receipt)
      },
      close: async () => {},
    }
  }

  #publish(task: string, epoch: number, receipt: Receipt): void {
    if (receipt === null) return
    const name = Buffer.from(receipt).toString()
    const file = this.#staged.get(name)
    if (file !== undefined) this.rows.push(...file.rows)
    else if (!this.#published.has(name)) this.lost.push(name)
    this.#published.add(name)
    for (const [other, staged] of this.#staged) {
      if (staged.task === task && staged.epoch <= epoch) this.#staged.delete(other)
    }
  }
}

function rowsIn(batch: Batch): Row[] {
  const rowAt = rowsOf(batch)
  const at = Array.from({ length: batch.count }, (_, nth) => batch.at(nth))
  return at.filter(index => !batch.isTombstone(index)).map(rowAt)
}
