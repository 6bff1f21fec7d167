/**
 * An IPC stream or file in one buffer. Messages are copied as they come, so what they were made of
 * can be used again at once; dictionaries are known last and go in front of the record batches.
 *
 *   stream = schema, dictionaries, record batches, FF FF FF FF 00 00 00 00
 *   file   = ARROW1 00 00 | stream | footer | size of footer i32 | ARROW1
 */
import { MetadataVersion, type Schema } from 'apache-arrow'
import { FileBlock, Footer } from 'apache-arrow/ipc/metadata/file'
import { FileBuffers } from './file-buffers.ts'
import { type IpcMessage, STREAM_END, schemaMessage } from './ipc-messages.ts'

export type IpcKind = 'stream' | 'file'

type MessageSizes = Pick<IpcMessage, 'metadataBytes' | 'bodyBytes'>

const MAGIC = Buffer.from('ARROW1')
const MAGIC_BYTES = 8
const INITIAL_BYTES = 64 * 1024

export class IpcOutput {
  readonly #kind: IpcKind
  readonly #schema: Schema
  readonly #head: readonly Uint8Array[]
  readonly #buffers = new FileBuffers()
  #data: Buffer | null = null
  #size = 0
  #batches: MessageSizes[] = []
  /** The next one is likely to be as long. */
  #lastBytes = INITIAL_BYTES

  constructor(kind: IpcKind, schema: Schema) {
    this.#kind = kind
    this.#schema = schema
    const { parts } = schemaMessage(schema)
    this.#head =
      kind === 'file' ? [MAGIC, Buffer.alloc(MAGIC_BYTES - MAGIC.length), ...parts] : parts
  }

  /** Bytes so far; 0 = no message has come. */
  get size(): number {
    return this.#size
  }

  /** A record batch. */
  add({ parts, metadataBytes, bodyBytes }: IpcMessage): void {
    if (this.#size === 0) this.#append(this.#head)
    this.#append(parts)
    this.#batches.push({ metadataBytes, bodyBytes })
  }

  /** All of it, given away; the next message begins another one. */
  end(dictionaries: readonly IpcMessage[]): Buffer {
    if (this.#size === 0) this.#append(this.#head)
    this.#insert(dictionaries.flatMap(({ parts }) => parts))
    this.#append([STREAM_END])
    if (this.#kind === 'file') this.#append(this.#footer(dictionaries))
    const bytes = (this.#data as Buffer).subarray(0, this.#size)
    this.#lastBytes = bytes.length
    this.#data = null
    this.reset()
    return bytes
  }

  /** What `end` gave and nobody looks at any more: its memory is used again. */
  recycle(bytes: Uint8Array): void {
    this.#buffers.giveBack(bytes.buffer as ArrayBuffer)
  }

  reset(): void {
    this.#size = 0
    this.#batches = []
  }

  #append(parts: readonly Uint8Array[]): void {
    const data = this.#reserve(sizeOf(parts))
    for (const part of parts) {
      data.set(part, this.#size)
      this.#size += part.length
    }
  }

  /** Behind the head. */
  #insert(parts: readonly Uint8Array[]): void {
    if (parts.length === 0) return
    const bytes = sizeOf(parts)
    const end = this.#size
    const head = sizeOf(this.#head)
    this.#reserve(bytes).copyWithin(head + bytes, head, end)
    this.#size = head
    this.#append(parts)
    this.#size = end + bytes
  }

  #footer(dictionaries: readonly IpcMessage[]): Uint8Array[] {
    let at = sizeOf(this.#head)
    const [dictionaryBlocks, batchBlocks] = [dictionaries, this.#batches].map(messages =>
      messages.map(({ metadataBytes, bodyBytes }) => {
        const block = new FileBlock(metadataBytes, bodyBytes, at)
        at += metadataBytes + bodyBytes
        return block
      }),
    )
    const footer = Footer.encode(
      new Footer(this.#schema, MetadataVersion.V5, batchBlocks, dictionaryBlocks),
    )
    const size = Buffer.alloc(4)
    size.writeInt32LE(footer.length)
    return [footer, size, MAGIC]
  }

  /** Room for so many more bytes. */
  #reserve(bytes: number): Buffer {
    const needed = this.#size + bytes
    const data = this.#data
    if (data !== null && needed <= data.length) return data
    const size =
      data === null ? Math.max(this.#lastBytes, needed) : Math.max(data.length * 2, needed)
    const grown = this.#buffers.take(size)
    if (data !== null) {
      grown.set(data.subarray(0, this.#size))
      this.recycle(data)
    }
    this.#data = grown
    return grown
  }
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
