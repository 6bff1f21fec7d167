/**
 * Where the messages of an IPC file or stream are, and their schema: read without their bodies.
 *
 * A file tells it in its footer; in a stream one message follows the other. Reading is a generator
 * that asks for ranges of bytes and is given them, so that files are read by whoever has them, all
 * at once or one piece after the other. Every place and size that the bytes name is checked against
 * the size of the file before anything is read or allocated for it.
 */
import { MessageHeader, MetadataVersion, type Schema } from 'apache-arrow'
import { type FileBlock, Footer } from 'apache-arrow/ipc/metadata/file'
import { Message } from 'apache-arrow/ipc/metadata/message'
import { checkFooter, checkMessage } from './check-metadata.ts'
import { Fault } from './fault.ts'

/** A message: metadata with its prefix, then the body. */
export interface Block {
  readonly start: number
  readonly metadataBytes: number
  readonly bodyBytes: number
}

export interface IpcIndex {
  readonly schema: Schema
  readonly version: MetadataVersion
  readonly dictionaries: readonly Block[]
  readonly batches: readonly Block[]
}

export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Asks for ranges, each within the file, and is given their bytes. */
export type Reading<T> = Generator<ByteRange, T, Buffer>

const MAGIC = 'ARROW1'
/** Magic twice, padding, size of the footer. */
const LEAST_FILE_BYTES = 8 + 4 + MAGIC.length
const METADATA_BYTES_MAX = 64 * 1024 * 1024
const BLOCKS_MAX = 1_000_000
const CONTINUATION = 0xffffffff

/** @throws Fault when it is no IPC file or stream, or is cut off. */
export function* readIndex(size: number): Reading<IpcIndex> {
  const head = yield { start: 0, end: Math.min(8, size) }
  return head.toString('latin1', 0, MAGIC.length) === MAGIC
    ? yield* readFooter(size)
    : yield* readStream(size)
}

/** The metadata of a message, checked against its block. */
export function messageOf(metadata: Buffer, { bodyBytes }: Block): Message {
  const { start, size } = metadataRange(metadata)
  const message = decodeMessage(metadata.subarray(start, start + size))
  if (message.bodyLength === bodyBytes) return message
  throw new Fault(`a message says its body has ${message.bodyLength} bytes, not ${bodyBytes}`)
}

function* readFooter(size: number): Reading<IpcIndex> {
  const what = 'the file is cut off or was never finished: its end is not that of an IPC file'
  if (size < LEAST_FILE_BYTES) throw new Fault(what)
  const tail = yield { start: size - 4 - MAGIC.length, end: size }
  if (tail.toString('latin1', 4) !== MAGIC) throw new Fault(what)
  const footerBytes = tail.readInt32LE(0)
  const end = size - 4 - MAGIC.length
  if (footerBytes <= 0 || footerBytes > end - 8 || footerBytes > METADATA_BYTES_MAX) {
    throw new Fault(`its footer would have ${footerBytes} bytes`)
  }
  const bytes = yield { start: end - footerBytes, end }
  return decoded('the footer', () => {
    checkFooter(bytes)
    const footer = Footer.decode(bytes)
    const { schema, version } = footer
    const blocksOf = (blocks: Iterable<FileBlock>): Block[] =>
      Array.from(blocks, ({ offset, metaDataLength, bodyLength }) =>
        checked({ start: offset, metadataBytes: metaDataLength, bodyBytes: bodyLength }, end),
      )
    return {
      schema,
      version,
      dictionaries: blocksOf(footer.dictionaryBatches()),
      batches: blocksOf(footer.recordBatches()),
    }
  })
}

function* readStream(size: number): Reading<IpcIndex> {
  const dictionaries: Block[] = []
  const batches: Block[] = []
  let schema: Schema | null = null
  let version = MetadataVersion.V5
  for (let at = 0; at < size; ) {
    if (size - at < 4) throw new Fault(`it ends in the middle of a message, at byte ${at}`)
    const prefix = yield { start: at, end: Math.min(size, at + 8) }
    const range = metadataRange(prefix)
    if (range.size === 0) break
    const metadataBytes = range.start + range.size
    checked({ start: at, metadataBytes, bodyBytes: 0 }, size)
    const metadata = yield { start: at, end: at + metadataBytes }
    const message = decodeMessage(metadata.subarray(range.start))
    const block = checked({ start: at, metadataBytes, bodyBytes: message.bodyLength }, size)
    if (message.headerType === MessageHeader.Schema && schema === null) {
      version = message.version
      schema = decoded('the schema', () => message.header() as Schema)
    } else if (schema === null) throw new Fault('it does not begin with a schema')
    else if (message.headerType === MessageHeader.RecordBatch) batches.push(block)
    else if (message.headerType === MessageHeader.DictionaryBatch) {
      requireBefore(batches, message)
      dictionaries.push(block)
    } else throw new Fault(`it has a message of type ${message.headerType}`)
    if (batches.length + dictionaries.length > BLOCKS_MAX)
      throw new Fault('it has too many messages')
    at = block.start + metadataBytes + block.bodyBytes
  }
  if (schema === null) throw new Fault('it has no schema')
  return { schema, version, dictionaries, batches }
}

/** A dictionary that changes between batches would change the batches before it. */
function requireBefore(batches: readonly Block[], message: Message): void {
  const dictionary = decoded('a dictionary', () => message.header() as { isDelta: boolean })
  if (batches.length === 0 || dictionary.isDelta) return
  throw new Fault('it replaces a dictionary after rows have used it, which is not read here')
}

/** Where the flatbuffer of a message is, by its prefix; size 0 = the end of the stream. */
function metadataRange(prefix: Buffer): { start: number; size: number } {
  const first = prefix.readUInt32LE(0)
  // Before Arrow 0.15 there was no continuation marker.
  const isNew = first === CONTINUATION
  if (isNew && prefix.length < 8) throw new Fault('it ends in the middle of a message')
  const size = isNew ? prefix.readUInt32LE(4) : first
  if (size <= METADATA_BYTES_MAX) return { start: isNew ? 8 : 4, size }
  throw new Fault(`it is no Arrow IPC stream, or is damaged: metadata of ${size} bytes`)
}

function checked(block: Block, end: number): Block {
  const { start, metadataBytes, bodyBytes } = block
  const isSound = [start, metadataBytes, bodyBytes].every(n => Number.isSafeInteger(n) && n >= 0)
  if (isSound && metadataBytes >= 4 && start + metadataBytes + bodyBytes <= end) return block
  throw new Fault(
    `a message at byte ${start} of ${metadataBytes} + ${bodyBytes} bytes is beyond the end, ${end}`,
  )
}

function decodeMessage(bytes: Buffer): Message {
  return decoded('a message', () => {
    checkMessage(bytes)
    return Message.decode(bytes)
  })
}

/** What the library can't read is damage, whatever it throws. */
export function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault(`${what} can't be read: ${error instanceof Error ? error.message : error}`)
  }
}
