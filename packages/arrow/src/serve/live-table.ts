/**
 * The last rows of a frame as IPC messages in memory, for whoever reads them now.
 *
 * Rows appear when their epoch is committed. What is kept is bounded by rows, bytes and age; whole
 * record batches go, the oldest first, so there are at least as many rows as asked for when so many
 * have come. Nothing of it survives the process.
 */
import type { Batch, Receipt, Schema as RowSchema, Sink, SinkDefinition } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import { type ArrowSchemaOptions, arrowSchema } from '../bridge/arrow-schema.ts'
import { BatchGatherer } from '../bridge/batch-gatherer.ts'
import { batchMessage } from '../ipc/ipc-messages.ts'
import { rowIndices } from './rows-of-batch.ts'

export interface LiveTableBounds {
  readonly rowsMax: number
  readonly bytesMax: number
  /** Rows committed longer ago go. */
  readonly ageMsMax: number
}

/** A record batch as it goes over the wire. */
export interface LiveBatch {
  readonly bytes: Buffer
  readonly rows: number
  readonly committedAt: number
}

export type LiveListener = (batch: LiveBatch) => void

const BATCH_ROWS_MAX = 64 * 1024
const BATCH_BYTES_MAX = 8 * 1024 * 1024

export class LiveTable {
  readonly #bounds: LiveTableBounds
  readonly #now: () => number
  readonly #listeners = new Set<LiveListener>()
  #batches: LiveBatch[] = []
  #rows = 0
  #bytes = 0

  constructor(bounds: LiveTableBounds, now: () => number = Date.now) {
    this.#bounds = bounds
    this.#now = now
  }

  /** The batches that are kept, and from now on each that comes, until `stop` is called. */
  follow(listener: LiveListener): { readonly batches: readonly LiveBatch[]; stop(): void } {
    this.#listeners.add(listener)
    return { batches: this.batches(), stop: () => this.#listeners.delete(listener) }
  }

  batches(): readonly LiveBatch[] {
    this.#trim()
    return [...this.#batches]
  }

  add(bytes: Buffer, rows: number): void {
    const batch = { bytes, rows, committedAt: this.#now() }
    this.#batches.push(batch)
    this.#rows += rows
    this.#bytes += bytes.length
    this.#trim()
    for (const listener of this.#listeners) listener(batch)
  }

  #trim(): void {
    const { rowsMax, bytesMax, ageMsMax } = this.#bounds
    const oldest = this.#now() - ageMsMax
    let gone = 0
    for (const { rows, bytes, committedAt } of this.#batches) {
      const isSpare = this.#rows - rows >= rowsMax || this.#bytes > bytesMax
      if (!isSpare && committedAt >= oldest) break
      this.#rows -= rows
      this.#bytes -= bytes.length
      gone++
    }
    if (gone > 0) this.#batches = this.#batches.slice(gone)
  }
}

/** Fills a live table; `attached` is told the schema. */
export function liveSink(
  table: LiveTable,
  options: ArrowSchemaOptions,
  attached: (schema: Schema) => void,
): SinkDefinition {
  return Object.freeze<SinkDefinition>({
    name: 'arrow server',
    check: schema => attached(arrowSchema(schema, options)),
    create: () => new LiveSink(table, options),
  })
}

interface Staged {
  readonly bytes: Buffer
  readonly rows: number
}

class LiveSink implements Sink {
  readonly #table: LiveTable
  readonly #options: ArrowSchemaOptions
  #gatherer: BatchGatherer | null = null
  #schema: RowSchema | null = null
  #open: Staged[] = []
  readonly #prepared = new Map<number, Staged[]>()

  constructor(table: LiveTable, options: ArrowSchemaOptions) {
    this.#table = table
    this.#options = options
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): undefined {
    if (this.#gatherer === null || this.#schema !== batch.schema) {
      this.#flush()
      this.#gatherer = new BatchGatherer(batch.schema, this.#options)
      this.#schema = batch.schema
    }
    const indices = rowIndices(batch)
    for (let from = 0; from < indices.length; from += BATCH_ROWS_MAX) {
      const to = Math.min(indices.length, from + BATCH_ROWS_MAX)
      this.#gatherer.append(batch, indices, from, to)
      const { length, size } = this.#gatherer
      if (length >= BATCH_ROWS_MAX || size >= BATCH_BYTES_MAX) this.#flush()
    }
  }

  async prepare(epoch: number): Promise<Receipt> {
    this.#flush()
    this.#prepared.set(epoch, this.#open)
    this.#open = []
    return null
  }

  async commit(epoch: number): Promise<void> {
    for (const { bytes, rows } of this.#prepared.get(epoch) ?? []) this.#table.add(bytes, rows)
    this.#prepared.delete(epoch)
  }

  async abort(epoch: number): Promise<void> {
    this.#prepared.delete(epoch)
    this.#gatherer?.truncate(0)
    this.#open = []
  }

  recover(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #flush(): void {
    const rows = this.#gatherer?.length ?? 0
    if (this.#gatherer === null || rows === 0) return
    const { parts } = batchMessage(this.#gatherer.take(), null)
    this.#open.push({ bytes: Buffer.concat(parts), rows })
  }
}
