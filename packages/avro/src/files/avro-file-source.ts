/**
 * Avro container files as bounded sources of one partition: one file, or all of a folder of an
 * object store in the order of their names.
 *
 * A position is the file, the byte where a block begins and the row within it, so a reader goes on
 * anywhere; files must not change meanwhile, and files that come later are read when their names
 * come later. A row that cannot be read as the schema asked for is refused alone. A row that is
 * damaged takes those behind it in its block with it, and passing it passes them: they are one dead
 * letter.
 */
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  checkObjectPrefix,
  type DecodeFailure,
  type ObjectStore,
  Refusal,
  RowFault,
  recordsOf,
  type Source,
  type SourceChunk,
  type SourceReader,
  type SourceRecord,
  type SourceRowOptions,
} from '@millrace/core'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { schemaOf } from '../codec/column-decoder.ts'
import type { ValueForm } from '../codec/value-form.ts'
import { valueForm } from '../plain-codec.ts'
import { type ByteFile, openLocalFile, openObject, sourceFailed } from './byte-file.ts'
import { type Block, type ContainerOptions, ContainerReader } from './container-reader.ts'
import { type FilePosition, filePosition, positionText } from './file-position.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows of a schema whose type is not known.
export interface AvroSourceOptions extends SourceRowOptions<any>, Partial<ValueForm> {
  /** What rows look like, as JSON or as text. Default: as each file has them; rows are open. */
  readonly schema?: unknown
  /** The largest block taken, before and after it is inflated. Default 64 MiB. */
  readonly blockBytesMax?: number
}

export interface AvroFolderOptions extends AvroSourceOptions {
  /** What names of files begin with. Default: all of the store that end with `.avro`. */
  readonly prefix?: string
}

const BLOCK_BYTES_MAX = 64 * 1024 * 1024
const EXTENSION = '.avro'

/**
 * The rows of an Avro container file.
 *
 * @example
 * app.source(fromAvroFile('orders.avro', { schema: Order, timestamp: 'placed_at' }))
 */
export function fromAvroFile(path: string | URL, options: AvroSourceOptions = {}): Source {
  const file = path instanceof URL ? fileURLToPath(path) : path
  return avroSource(`avro ${basename(file)}`, options, {
    names: () => Promise.resolve(['']),
    open: () => openLocalFile(file),
  })
}

/** The rows of all Avro container files of an object store whose names begin with a prefix. */
export function fromAvroFolder(store: ObjectStore, options: AvroFolderOptions = {}): Source {
  const { prefix = '' } = options
  checkObjectPrefix(prefix)
  return avroSource(`avro ${store.name}/${prefix}`, options, {
    names: async from => {
      const names: string[] = []
      for (let page = await store.list(prefix); page.length > 0; ) {
        names.push(...page.filter(name => isVisible(name) && name >= from))
        page = await store.list(prefix, { after: page.at(-1) as string })
      }
      return names
    },
    open: name => openObject(store, name),
  })
}

/** The sink's own files that are not committed have names that begin with a dot. */
function isVisible(name: string): boolean {
  return name.endsWith(EXTENSION) && !name.slice(name.lastIndexOf('/') + 1).startsWith('.')
}

interface Files {
  /** Ascending, from this one on. */
  names(from: string): Promise<readonly string[]>
  open(name: string): Promise<ByteFile>
}

function avroSource(name: string, options: AvroSourceOptions, files: Files): Source {
  const { blockBytesMax = BLOCK_BYTES_MAX } = options
  const reader = options.schema === undefined ? null : parseSchema(options.schema)
  const form = valueForm(options)
  const schema = schemaOf(reader, form)
  const recordOf = recordsOf(schema, 'row', options)
  const parts = { files, recordOf, container: { reader, form, blockBytesMax } }
  return Object.freeze<Source>({
    name,
    schema,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position) => {
      const from = filePosition(position, name)
      return new AvroSourceReader(parts, from, await files.names(from.name))
    },
  })
}

interface AvroReaderParts {
  readonly files: Files
  readonly recordOf: (value: unknown) => SourceRecord | RowFault
  readonly container: ContainerOptions
}

class AvroSourceReader implements SourceReader {
  readonly #parts: AvroReaderParts
  readonly #names: readonly string[]
  /** The file that is read, of `#names`. */
  #nth = 0
  #container: ContainerReader | null = null
  /** Where the next row is; byte 0 stands for the first block. */
  #at: FilePosition
  #block: Block | null = null
  /** What stands behind the rows of the last read. */
  #trouble: unknown = null
  /** The bytes of the row that the last read refused. */
  #refused: Uint8Array | null = null

  constructor(parts: AvroReaderParts, from: FilePosition, names: readonly string[]) {
    this.#parts = parts
    this.#names = names
    this.#at = names[0] === from.name || from.byte === 0 ? from : { name: '', byte: 0, row: 0 }
    if (from.byte > 0 && names[0] !== from.name) {
      throw sourceFailed(`${from.name} is not there any more. Restore the file, or begin anew.`)
    }
  }

  async read(recordsMax: number): Promise<SourceChunk> {
    const records: SourceRecord[] = []
    while (records.length < recordsMax) {
      const block = await this.#nextAfter(records)
      if (block === null) break
      const { rows } = block
      const { row } = this.#at
      const failure = row < rows.count ? rows.failureOf(row) : rows.broken?.failure
      const record = failure === undefined ? this.#parts.recordOf(rows.row(row)) : faultOf(failure)
      if (record instanceof RowFault) {
        // What is good before a bad row is given first; the row is read again by the next call.
        if (records.length > 0) break
        this.#refused = row < rows.count ? rows.bytesOf(row) : (rows.broken?.bytes ?? null)
        throw record.error(this.#where(block))
      }
      records.push(record)
      this.#at = { ...this.#at, row: row + 1 }
    }
    const isEnd = (await this.#nextAfter(records)) === null && this.#trouble === null
    return { records, position: positionText(this.#at), isEnd }
  }

  skipBad(): Promise<Uint8Array | null> {
    const refused = this.#refused
    this.#refused = null
    // Behind a damaged row nothing is left of the block: `#next` goes on to the next one.
    if (refused !== null) this.#at = { ...this.#at, row: this.#at.row + 1 }
    return Promise.resolve(refused)
  }

  async close(): Promise<void> {
    const container = this.#container
    this.#container = null
    this.#nth = this.#names.length
    await container?.file.close()
  }

  /** As `#next`, but what is wrong behind good rows is for the next read, which finds it again. */
  async #nextAfter(records: readonly SourceRecord[]): Promise<Block | null> {
    this.#trouble = null
    try {
      return await this.#next()
    } catch (error) {
      if (records.length === 0) throw error
      this.#trouble = error
      return null
    }
  }

  /** The block that has the next row, null at the end of the last file. */
  async #next(): Promise<Block | null> {
    for (;;) {
      const block = await this.#current()
      if (block !== null) {
        const { rows } = block
        if (this.#at.row < rows.count + (rows.broken === null ? 0 : 1)) return block
        this.#block = null
        this.#at = { ...this.#at, byte: block.end, row: 0 }
      } else {
        if (this.#nth + 1 >= this.#names.length) return null
        await this.#container?.file.close()
        this.#container = null
        this.#nth++
        this.#at = { name: this.#names[this.#nth] as string, byte: 0, row: 0 }
      }
    }
  }

  /** The block at the position, null at the end of its file. */
  async #current(): Promise<Block | null> {
    if (this.#block !== null) return this.#block
    const name = this.#names[this.#nth]
    if (name === undefined) return null
    if (this.#container === null) {
      const file = await this.#parts.files.open(name)
      try {
        this.#container = await ContainerReader.open(file, this.#parts.container)
      } catch (error) {
        await file.close()
        throw error
      }
    }
    const { start } = this.#container
    const { byte, row } = this.#at
    this.#at = { name, byte: Math.max(byte, start), row }
    this.#block = await this.#container.block(this.#at.byte)
    return this.#block
  }

  #where({ start }: Block): string {
    const name = this.#container?.file.name ?? ''
    return `row ${this.#at.row + 1} of the block at byte ${start} of ${name}`
  }
}

function faultOf({ code, expected, got, field }: DecodeFailure): RowFault {
  return new RowFault(new Refusal(code, expected, got), field)
}
