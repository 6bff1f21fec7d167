/**
 * Avro container files as a format of the files sink.
 *
 * Rows are collected into blocks, which are compressed one by one; the whole file is put together
 * when it ends. The marker between blocks is made from their bytes, not by chance: the same rows
 * give the same file.
 */
import { createHash } from 'node:crypto'
import {
  type Batch,
  ByteWriter,
  type Encoder,
  type FileFormat,
  type FileWriter,
  MillraceError,
  type RowRange,
  type Schema,
} from '@millrace/core'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { columnEncoder } from '../codec/column-encoder.ts'
import type { ValueForm } from '../codec/value-form.ts'
import { valueForm } from '../plain-codec.ts'
import { checkCodec, compressed, type FileCodec } from './block-codec.ts'
import { blockHeadBytes, headerBytes, SYNC_BYTES } from './container.ts'

export interface AvroFileOptions extends Partial<ValueForm> {
  /** A record schema, as JSON or as text. */
  readonly schema: unknown
  /** Default `'deflate'`. `'zstandard'` needs Node 22.15 or newer. */
  readonly codec?: FileCodec
  /** A block that has so many bytes before it is compressed is ended. Default 64 KiB. */
  readonly blockBytesMax?: number
  /** Written into the header of each file; names that begin with `avro.` are the format's own. */
  readonly metadata?: Readonly<Record<string, string>>
}

const BLOCK_BYTES_MAX = 64 * 1024

/**
 * Files that any Avro reader takes.
 * @throws INVALID_ARGUMENT, NOT_SUPPORTED
 *
 * @example
 * frame.sink(filesSink(localFolder('out'), { format: avroFile({ schema: Order }) }))
 */
export function avroFile(options: AvroFileOptions): FileFormat {
  const { codec = 'deflate', blockBytesMax = BLOCK_BYTES_MAX, metadata = {} } = options
  checkCodec(codec)
  const schema = parseSchema(options.schema)
  if (schema.type.kind !== 'record') {
    throw invalid(`the schema of a file of rows is a record; got ${schema.type.kind}`)
  }
  if (!Number.isSafeInteger(blockBytesMax) || blockBytesMax < 1) {
    throw invalid(`blockBytesMax is a whole number above 0; got ${String(blockBytesMax)}`)
  }
  const own = Object.keys(metadata).find(name => name.startsWith('avro.'))
  if (own !== undefined) throw invalid(`metadata ${JSON.stringify(own)} is the format's own`)
  const text = typeof options.schema === 'string' ? options.schema : JSON.stringify(options.schema)
  const entries: [string, string][] = [
    ['avro.schema', text],
    ['avro.codec', codec],
    ...Object.entries(metadata),
  ]
  const header = headerBytes(new Map(entries.map(([name, value]) => [name, Buffer.from(value)])))
  const form = valueForm(options)
  const encoderOf = (frame: Schema) => columnEncoder(schema, frame, { form })
  return Object.freeze<FileFormat>({
    name: 'avro',
    extension: 'avro',
    check: frame => {
      encoderOf(frame)
    },
    writer: frame =>
      new AvroFileWriter({ header, codec, blockBytesMax, encoder: encoderOf(frame) }),
  })
}

interface AvroFileParts {
  readonly header: Buffer
  readonly codec: FileCodec
  readonly blockBytesMax: number
  readonly encoder: Encoder
}

class AvroFileWriter implements FileWriter {
  readonly #parts: AvroFileParts
  /** Rows that are not in a block yet. */
  readonly #rows = new ByteWriter(1024)
  #rowCount = 0
  /** Heads and bodies of blocks, in turn. */
  #blocks: Uint8Array[] = []
  #blockBytes = 0

  constructor(parts: AvroFileParts) {
    this.#parts = parts
  }

  get size(): number {
    const isEmpty = this.#rowCount === 0 && this.#blocks.length === 0
    return isEmpty ? 0 : this.#parts.header.length + this.#blockBytes + this.#rows.size
  }

  write(batch: Batch, indices: Int32Array, { from, to, bytesMax }: RowRange): number {
    const { encoder, blockBytesMax } = this.#parts
    const rows = this.#rows
    for (let nth = from; nth < to; nth++) {
      // Nothing is appended when it throws.
      encoder.encode(batch, indices[nth] as number, rows)
      this.#rowCount++
      if (rows.size >= blockBytesMax) this.#endBlock()
      if (this.size >= bytesMax) return nth + 1
    }
    return to
  }

  end(): Uint8Array {
    if (this.#rowCount > 0) this.#endBlock()
    const hash = createHash('sha256')
    for (const part of this.#blocks) hash.update(part)
    const sync = hash.digest().subarray(0, SYNC_BYTES)
    const parts: Uint8Array[] = [this.#parts.header, sync]
    for (let at = 0; at < this.#blocks.length; at += 2) {
      parts.push(this.#blocks[at] as Uint8Array, this.#blocks[at + 1] as Uint8Array, sync)
    }
    const file = Buffer.concat(parts)
    this.reset()
    return file
  }

  reset(): void {
    this.#rows.reset()
    this.#rowCount = 0
    this.#blocks = []
    this.#blockBytes = 0
  }

  #endBlock(): void {
    const body = compressed(this.#parts.codec, this.#rows.take())
    const head = blockHeadBytes(this.#rowCount, body.length)
    this.#blocks.push(head, body)
    this.#blockBytes += head.length + body.length + SYNC_BYTES
    this.#rowCount = 0
  }
}

function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `avroFile: ${text}.`)
}
