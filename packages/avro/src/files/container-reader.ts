/**
 * Reads a container file block by block, in memory bounded by `blockBytesMax`. Whatever is not as
 * it must be (a count, a size, a marker) stops it with the byte where that is: nothing behind it
 * could be trusted.
 */
import { MillraceError } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import type { ValueForm } from '../codec/value-form.ts'
import { BlockFault, inflated } from './block-codec.ts'
import { BlockDecoder, type BlockRows } from './block-rows.ts'
import { type ByteFile, sourceFailed } from './byte-file.ts'
import {
  BLOCK_HEAD_BYTES_MAX,
  type FileHeader,
  readBlockHead,
  readHeader,
  SYNC_BYTES,
} from './container.ts'

export interface ContainerOptions {
  readonly reader: AvroSchema | null
  readonly form: ValueForm
  readonly blockBytesMax: number
}

export interface Block {
  readonly start: number
  /** Where the next one begins. */
  readonly end: number
  readonly rows: BlockRows
}

const HEADER_BYTES_FIRST = 16 * 1024
const HEADER_BYTES_MAX = 16 * 1024 * 1024

export class ContainerReader {
  readonly file: ByteFile
  readonly #header: FileHeader
  readonly #decoder: BlockDecoder
  readonly #blockBytesMax: number

  private constructor(file: ByteFile, header: FileHeader, options: ContainerOptions) {
    const { reader, form, blockBytesMax } = options
    const writer = parseSchema(header.schema, { defaults: 'ignore' })
    this.file = file
    this.#header = header
    this.#decoder = new BlockDecoder(writer, reader, form)
    this.#blockBytesMax = blockBytesMax
  }

  /** @throws SOURCE_FAILED when it is no Avro file. */
  static async open(file: ByteFile, options: ContainerOptions): Promise<ContainerReader> {
    try {
      return new ContainerReader(file, await headerOf(file), options)
    } catch (error) {
      if (error instanceof BlockFault) throw failed(file, 'the header', error.message)
      if (MillraceError.is(error) && error.code === 'INVALID_ARGUMENT') {
        throw failed(file, 'the schema in its header', error.text)
      }
      throw error
    }
  }

  /** Where the first block begins. */
  get start(): number {
    return this.#header.size
  }

  /**
   * The block at a byte, null at the end of the file.
   * @throws SOURCE_FAILED
   */
  async block(start: number): Promise<Block | null> {
    const { file } = this
    if (start >= file.size) return null
    try {
      const head = readBlockHead(await file.read(start, start + BLOCK_HEAD_BYTES_MAX))
      if (head.size > this.#blockBytesMax) {
        const bound = `it has ${head.size} bytes, more than blockBytesMax ${this.#blockBytesMax}`
        throw new BlockFault(bound)
      }
      const bodyAt = start + head.headSize
      const end = bodyAt + head.size + SYNC_BYTES
      if (end > file.size) throw new BlockFault('the file ends before it does')
      const bytes = await file.read(bodyAt, end)
      if (bytes.length < end - bodyAt) throw new BlockFault('the file ends before it does')
      if (!bytes.subarray(head.size).equals(this.#header.sync)) {
        throw new BlockFault("the marker behind it is not the file's")
      }
      const body = bytes.subarray(0, head.size)
      const data = inflated(this.#header.codec, body, this.#blockBytesMax)
      return { start, end, rows: this.#decoder.read(data, head.count) }
    } catch (error) {
      if (!(error instanceof BlockFault)) throw error
      throw failed(file, `the block at byte ${start}`, error.message)
    }
  }
}

async function headerOf(file: ByteFile): Promise<FileHeader> {
  for (let bytes = HEADER_BYTES_FIRST; ; bytes *= 4) {
    const header = readHeader(await file.read(0, bytes))
    if (header !== null) return header
    if (bytes >= file.size) throw new BlockFault('the file ends before it does')
    if (bytes >= HEADER_BYTES_MAX) throw new BlockFault(`it has more than ${bytes} bytes`)
  }
}

function failed(file: ByteFile, what: string, why: string): MillraceError {
  return sourceFailed(`cannot read ${what} of ${file.name}: ${why}. Is the file whole?`)
}
