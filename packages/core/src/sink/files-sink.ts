/**
 * Rows as files of an object store, in two phases.
 *
 * Each task writes files of its own. While an epoch goes on they are staged under hidden names
 * (`file-names.ts`); `prepare` stages the last one, and its receipt says which they are; `commit`
 * gives them their visible names, one rename each. What an earlier owner of the task has staged and
 * not committed is removed when a later epoch is finished than it knew of: when the task is opened
 * again, at its first commit then, and at every hundredth. So a file whose name does not begin with
 * a dot is whole and committed.
 *
 *   writing ── prepare ──► staged, receipt ── commit ──► visible
 *      └────── abort, a later epoch ┴──► removed
 *
 * A file of a finished epoch that is neither staged nor visible: who prepared it fails, since rows
 * are lost; so does whoever finds an earlier file of it still staged, for they become visible
 * in their order. Else a reader has taken it away, which is its right, and nobody could tell more.
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
  foldersBytes,
  readFilesReceipt,
  readFolders,
} from '../record/format/files-receipt.ts'
import { describeValue } from '../schema/refusal.ts'
import { type FileFormat, jsonLines } from './file-format.ts'
import {
  partsOfStaged,
  stagedBorder,
  stagedName,
  stagedStem,
  visibleName,
  visibleStem,
} from './file-names.ts'
import { OpenFiles } from './open-files.ts'
import { PartitionFolders } from './partition-folders.ts'
import { digestOf, publishFailed, publishFile } from './publish-file.ts'
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
  /** A file that has so many rows is ended and another begun. Default: only its bytes count. */
  readonly fileRowsMax?: number
  /**
   * Columns whose values are folders, as Hive names them (`day=2026-01-01/`): they are left out of
   * the files. Text, whole numbers, booleans, times. Default none.
   */
  readonly partitionBy?: readonly string[]
}

const FILE_BYTES_MAX = 16 * 1024 * 1024
/** So often it is looked for what others have staged since: names are listed for it. */
const REMOVAL_EPOCHS = 100
/** So many files may be on their way to the store while the next one is filled. */
const FILES_UNDER_WAY = 1
const LONGEST_TASK = '999999/999999999'
/** A million folders of the longest name are no epoch. */
const FOLDERS_BYTES_MAX = 256 * 1024 * 1024
const FIRST = { epoch: 0, nth: 0 }

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
  const { format = jsonLines(), prefix = '', partitionBy = [] } = options
  const { fileBytesMax = FILE_BYTES_MAX, fileRowsMax = Number.MAX_SAFE_INTEGER } = options
  checkObjectPrefix(prefix)
  const longest = visibleName({ prefix, extension: format.extension }, LONGEST_TASK, FIRST)
  checkObjectName(longest)
  checkObjectName(stagedName({ prefix, token: '0'.repeat(12), since: 0 }, LONGEST_TASK, 0))
  for (const [name, value] of Object.entries({ fileBytesMax, fileRowsMax })) {
    if (Number.isSafeInteger(value) && value >= 1) continue
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} must be a whole number above 0; got ${describeValue(value)}.`,
    )
  }
  const foldersOf = partitionBy.length === 0 ? () => null : () => new PartitionFolders(partitionBy)
  return Object.freeze<SinkDefinition>({
    name: 'files',
    check: schema => format.check(foldersOf()?.inner(schema) ?? schema),
    create: task => {
      const folders = foldersOf()
      return new TaskFiles({ store, format, prefix, fileBytesMax, fileRowsMax, folders, task })
    },
  })
}

interface TaskFilesParts {
  readonly store: ObjectStore
  readonly format: FileFormat
  readonly prefix: string
  readonly fileBytesMax: number
  readonly fileRowsMax: number
  readonly folders: PartitionFolders | null
  readonly task: string
}

interface PreparedFiles extends FilesReceipt {
  readonly digests: readonly string[]
  readonly folders: readonly string[]
}

class TaskFiles implements Sink {
  readonly #parts: TaskFilesParts
  /** Names of this writer alone: a new one has another. */
  readonly #token = randomBytes(6).toString('hex')
  /** The files being filled. */
  readonly #files: OpenFiles
  /** Number of the next file to stage, and of the first of this epoch. */
  #next = 0
  #first = 0
  /** Files of this epoch on their way to the store. */
  #staging: Promise<void>[] = []
  /** Of their bytes. */
  #digests: string[] = []
  /** Of each of them; the empty ones of a sink without folders are never looked at. */
  #folders: string[] = []
  /** Not committed yet. */
  readonly #prepared = new Map<number, PreparedFiles>()
  /** The last epoch that is finished, as far as is known here; -1 = none. */
  #last = -1
  /** The first epoch that what is written now can belong to. */
  #since = 0
  /** From this epoch on, a commit removes more of what others have staged. */
  #removalAt = 0

  constructor(parts: TaskFilesParts) {
    this.#parts = parts
    this.#files = new OpenFiles({
      ...parts,
      ended: ({ bytes, folder, release }) => {
        this.#digests.push(digestOf(bytes))
        this.#folders.push(folder)
        this.#stage(bytes, release)
      },
    })
  }

  open(): Promise<void> {
    return Promise.resolve()
  }

  write(batch: Batch): Promise<void> | undefined {
    const before = this.#next
    this.#files.write(batch)
    const waitFor = this.#staging.length - FILES_UNDER_WAY
    return this.#next > before && waitFor > 0 ? this.#staged(waitFor) : undefined
  }

  async prepare(epoch: number): Promise<Receipt> {
    this.#files.end()
    const { extension } = this.#parts.format
    const count = this.#next - this.#first
    const isInFolders = this.#parts.folders !== null
    const receipt = { ...this.#own(), extension, first: this.#first, count, isInFolders }
    const folders = this.#folders
    if (isInFolders && count > 0) this.#stage(foldersBytes(folders))
    await this.#staged()
    this.#prepared.set(epoch, { ...receipt, digests: this.#digests, folders })
    this.#begin()
    return count === 0 ? null : filesReceiptBytes(receipt)
  }

  async commit(epoch: number, receipt: Receipt): Promise<void> {
    await this.#finish(epoch, receipt)
    if (epoch >= this.#removalAt) await this.#removeLeft(epoch)
  }

  async abort(epoch: number): Promise<void> {
    await Promise.allSettled(this.#staging)
    const { store, task } = this.#parts
    const current = { ...this.#own(), first: this.#first, count: this.#next - this.#first }
    const prepared = this.#prepared.get(epoch)
    this.#prepared.delete(epoch)
    this.#begin()
    for (const files of prepared === undefined ? [current] : [prepared, current]) {
      // One more: the folders, if there are any.
      for (let nth = 0; nth <= files.count; nth++) {
        await store.remove(stagedName(files, task, files.first + nth))
      }
    }
  }

  async recover(receipts: Parameters<Sink['recover']>[0]): Promise<void> {
    for (const { epoch, receipt } of receipts) await this.#finish(epoch, receipt)
    this.#begin()
    await this.#removeLeft(this.#last)
    // Others may be about to stage more of this epoch.
    this.#removalAt = this.#last + 1
    if (receipts.length > 0) return
    const { store, prefix } = this.#parts
    const foreign = await this.#visibleFile()
    if (foreign !== undefined) throw foreignFile(store, foreign, prefix)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#staging)
  }

  /** One that this task has written, by its name. */
  async #visibleFile(): Promise<string | undefined> {
    const { store, prefix, folders, task } = this.#parts
    if (folders === null) return (await store.list(visibleStem(prefix, task), { limit: 1 }))[0]
    const slash = prefix.lastIndexOf('/') + 1
    const stem = `/${visibleStem(prefix.slice(slash), task)}`
    for await (const name of allNames(store, prefix.slice(0, slash))) {
      if (name.includes(stem)) return name
    }
    return undefined
  }

  /** On its way to the store; nobody needs the bytes when they are there or have failed. */
  #stage(bytes: Uint8Array, release: () => void = () => {}): void {
    const { store, task } = this.#parts
    const staging = store.put(stagedName(this.#own(), task, this.#next++), bytes)
    // A failure is heard again by `prepare`.
    staging.then(release, release)
    this.#staging.push(staging)
  }

  /** The first `count` files of this epoch that were ended are durable. */
  async #staged(count = this.#staging.length): Promise<void> {
    await Promise.all(this.#staging.slice(0, count))
  }

  /** The next epoch. */
  #begin(): void {
    this.#files.reset()
    this.#first = this.#next
    this.#since = Math.max(this.#last, ...this.#prepared.keys()) + 1
    this.#staging = []
    this.#digests = []
    this.#folders = []
  }

  /** Of the files of this epoch. */
  #own(): Pick<FilesReceipt, 'prefix' | 'token' | 'since'> {
    return { prefix: this.#parts.prefix, token: this.#token, since: this.#since }
  }

  async #finish(epoch: number, receipt: Receipt): Promise<void> {
    if (receipt !== null) await this.#publish(epoch, readFilesReceipt(receipt))
    this.#prepared.delete(epoch)
    this.#last = Math.max(this.#last, epoch)
  }

  /** Removes what others have staged for epochs up to this one, all but what may be for later. */
  async #removeLeft(epoch: number): Promise<void> {
    const { store, prefix, task } = this.#parts
    const stem = stagedStem(prefix, task)
    const border = stagedBorder(prefix, task, epoch)
    this.#removalAt = epoch + REMOVAL_EPOCHS
    for await (const name of allNames(store, stem)) {
      const { since, token } = partsOfStaged(name, stem)
      if (token === this.#token) continue
      if (name >= border) {
        this.#removalAt = Math.min(since, this.#removalAt)
        break
      }
      await store.remove(name)
    }
    await store.sweep(stem, border)
  }

  async #publish(epoch: number, receipt: FilesReceipt): Promise<void> {
    const { store, task } = this.#parts
    const prepared = this.#prepared.get(epoch)
    let isNew = prepared?.token === receipt.token
    const own = isNew ? prepared : undefined
    const folders = receipt.isInFolders ? (own?.folders ?? (await this.#readFolders(receipt))) : []
    if (folders === null) return
    for (let nth = 0; nth < receipt.count; nth++) {
      const wasStaged = await publishFile(store, {
        staged: stagedName(receipt, task, receipt.first + nth),
        visible: visibleName(receipt, task, { epoch, nth, folder: folders[nth] }),
        isNew,
        digest: own?.digests[nth],
      })
      isNew ||= wasStaged
    }
    if (receipt.isInFolders) await store.remove(this.#foldersName(receipt))
  }

  /** Null: they have gone, as they do when every file is visible. */
  async #readFolders(receipt: FilesReceipt): Promise<string[] | null> {
    const { store, task } = this.#parts
    const name = this.#foldersName(receipt)
    const bytes = await store.get(name, 0, FOLDERS_BYTES_MAX)
    if (bytes !== null) {
      const folders = readFolders(bytes)
      if (folders.length === receipt.count) return folders
      throw publishFailed(`${name} in ${store.name} has ${folders.length} folders`)
    }
    for (let nth = 0; nth < receipt.count; nth++) {
      const staged = stagedName(receipt, task, receipt.first + nth)
      if ((await store.size(staged)) === null) continue
      throw publishFailed(`${name} has gone from ${store.name} before ${staged} was made visible`)
    }
    return null
  }

  #foldersName(receipt: FilesReceipt): string {
    return stagedName(receipt, this.#parts.task, receipt.first + receipt.count)
  }
}

function foreignFile(store: ObjectStore, name: string, prefix: string): MillraceError {
  return new MillraceError(
    'SINK_FAILED',
    `${name} in ${store.name} was written by an earlier run, and this one begins anew: going on ` +
      'would write its rows twice. Remove the files of that run, which begin with ' +
      `${prefix}task-, or choose another prefix. (If another process of this application has ` +
      'just taken the task over, remove nothing and start this one again.)',
  )
}
