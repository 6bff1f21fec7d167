/**
 * Rows as files of an object store, in two phases.
 *
 * Each task writes files of its own. While an epoch goes on they are staged under hidden names
 * (`file-names.ts`); `prepare` stages the last one, and its receipt says which they are; `commit`
 * gives them their visible names, one rename each. What is staged and in no receipt is removed when
 * the task is opened again. So a file whose name does not begin with a dot is whole and committed.
 *
 *   writing ── prepare ──► staged, receipt ── commit ──► visible
 *      └───────── abort, recover ┴──► removed
 */
import { randomBytes } from 'node:crypto'
import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import {
  allNames,
  checkObjectName,
  checkObjectPrefix,
  type ObjectStore,
} from '../object-store/object-store.ts'
import {
  type FilesReceipt,
  filesReceiptBytes,
  readFilesReceipt,
} from '../record/format/files-receipt.ts'
import { describeValue } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type FileFormat, jsonLines, type RowWriter } from './file-format.ts'
import { behindEpoch, stagedName, stagedStem, visibleName, visibleStem } from './file-names.ts'
import { publishFile } from './publish-file.ts'
import type { Receipt, Sink, SinkDefinition } from './sink.ts'

export interface FilesSinkOptions {
  /** How rows are written: `jsonLines()` (default), `csv()`. */
  readonly format?: FileFormat
  /**
   * What file names begin with: `out/`, `out/2026-`. Each sink needs its own. Default none.
   */
  readonly prefix?: string
  /** A file that has so many bytes is ended and another begun. Default 16 MiB. */
  readonly fileBytesMax?: number
}

const FILE_BYTES_MAX = 16 * 1024 * 1024
const LONGEST_TASK = '999999/999999999'

/**
 * Writes rows as files, one or more for each task and epoch that has rows; tombstones are left out.
 * A file appears when its epoch is committed, whole, once under both guarantees, and never changes
 * then. How rows are spread over files depends on speed; which rows there are does not.
 *
 * A run that begins anew where an earlier one has left files is refused, since it would write rows
 * twice: remove the files or choose another prefix.
 *
 * @example
 * frame.sink(filesSink(localFolder('out'), { format: csv(), prefix: 'totals/' }))
 */
export function filesSink(store: ObjectStore, options: FilesSinkOptions = {}): SinkDefinition {
  const { format = jsonLines(), prefix = '', fileBytesMax = FILE_BYTES_MAX } = options
  checkObjectPrefix(prefix)
  checkObjectName(visibleName({ prefix, extension: format.extension }, LONGEST_TASK, 0, 0))
  if (!Number.isSafeInteger(fileBytesMax) || fileBytesMax < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `fileBytesMax must be a whole number above 0; got ${describeValue(fileBytesMax)}.`,
    )
  }
  return Object.freeze<SinkDefinition>({
    name: 'files',
    check: schema => format.check(schema),
    create: task => new TaskFiles({ store, format, prefix, fileBytesMax, task }),
  })
}

interface TaskFilesParts {
  readonly store: ObjectStore
  readonly format: FileFormat
  readonly prefix: string
  readonly fileBytesMax: number
  readonly task: string
}

class TaskFiles implements Sink {
  readonly #parts: TaskFilesParts
  /** Names of this writer alone: a new one has another. */
  readonly #token = randomBytes(6).toString('hex')
  /** The file being filled. */
  readonly #file = new ByteWriter(1024)
  #writer: { readonly schema: Schema; readonly rows: RowWriter } | null = null
  /** Number of the next file to stage, and of the first of this epoch. */
  #next = 0
  #first = 0
  /** Files of this epoch on their way to the store. */
  #staging: Promise<void>[] = []
  /** Not committed yet. */
  readonly #prepared = new Map<number, FilesReceipt>()

  constructor(parts: TaskFilesParts) {
    this.#parts = parts
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): Promise<void> | undefined {
    const rows = this.#rowsOf(batch.schema)
    const file = this.#file
    let isBusy = false
    for (let nth = 0; nth < batch.count; nth++) {
      const index = batch.at(nth)
      if (batch.isTombstone(index)) continue
      if (file.size === 0) rows.begin(file)
      const { size } = file
      try {
        rows.row(batch, index, file)
      } catch (error) {
        file.truncate(size)
        throw error
      }
      if (file.size < this.#parts.fileBytesMax) continue
      this.#stage()
      isBusy = true
    }
    return isBusy ? this.#staged() : undefined
  }

  async prepare(epoch: number): Promise<Receipt> {
    if (this.#file.size > 0) this.#stage()
    await this.#staged()
    const { prefix, format } = this.#parts
    const count = this.#next - this.#first
    const { extension } = format
    const receipt = { prefix, extension, token: this.#token, first: this.#first, count }
    this.#begin()
    if (count === 0) return null
    this.#prepared.set(epoch, receipt)
    return filesReceiptBytes(receipt)
  }

  async commit(epoch: number, receipt: Receipt): Promise<void> {
    if (receipt !== null) await this.#publish(epoch, readFilesReceipt(receipt))
    this.#prepared.delete(epoch)
  }

  async abort(epoch: number): Promise<void> {
    await Promise.allSettled(this.#staging)
    const { task, store } = this.#parts
    const { first = this.#first, count = 0 } = this.#prepared.get(epoch) ?? {}
    const numbers = [...range(first, first + count), ...range(this.#first, this.#next)]
    this.#prepared.delete(epoch)
    this.#begin()
    for (const number of numbers) {
      await store.remove(
        stagedName({ prefix: this.#parts.prefix, token: this.#token }, task, number),
      )
    }
  }

  async recover(
    receipts: readonly { readonly epoch: number; readonly receipt: Receipt }[],
  ): Promise<void> {
    const { store, prefix, task } = this.#parts
    let last = -1
    for (const { epoch, receipt } of receipts) {
      if (receipt !== null) await this.#publish(epoch, readFilesReceipt(receipt))
      last = Math.max(last, epoch)
    }
    const staged = stagedStem(prefix, task)
    for await (const name of allNames(store, staged)) await store.remove(name)
    await store.sweep(staged)
    const after = behindEpoch(prefix, task, last)
    const [foreign] = await store.list(visibleStem(prefix, task), { after, limit: 1 })
    if (foreign !== undefined) throw foreignFile(store, foreign, prefix)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#staging)
  }

  #rowsOf(schema: Schema): RowWriter {
    if (this.#writer?.schema !== schema) {
      this.#writer = { schema, rows: this.#parts.format.writer(schema) }
    }
    return this.#writer.rows
  }

  /** Ends the file. */
  #stage(): void {
    const { store, prefix, task } = this.#parts
    const name = stagedName({ prefix, token: this.#token }, task, this.#next++)
    const staging = store.put(name, this.#file.take())
    // Heard again by `prepare`.
    staging.catch(() => {})
    this.#staging.push(staging)
  }

  /** Every file of this epoch that was ended is durable. */
  async #staged(): Promise<void> {
    await Promise.all(this.#staging)
  }

  /** The next epoch. */
  #begin(): void {
    this.#file.reset()
    this.#first = this.#next
    this.#staging = []
  }

  async #publish(epoch: number, receipt: FilesReceipt): Promise<void> {
    const { store, task } = this.#parts
    for (let nth = 0; nth < receipt.count; nth++) {
      await publishFile(store, {
        staged: stagedName(receipt, task, receipt.first + nth),
        visible: visibleName(receipt, task, epoch, nth),
        // A file that is at neither place was made visible and taken away, unless it is ours.
        isNew: this.#prepared.has(epoch),
      })
    }
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function foreignFile(store: ObjectStore, name: string, prefix: string): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `${name} in ${store.name} was written by a run that got further than this one knows of: ` +
      'going on would write its rows twice. Remove the files that begin with ' +
      `${prefix}task-, or choose another prefix.`,
  )
}
