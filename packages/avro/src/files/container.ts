/**
 * The object container file of the Avro specification.
 *
 *   file   = header block*
 *   header = 'Obj' 0x01 · map of metadata (avro.schema, avro.codec, …) · sync, 16 bytes
 *   block  = count long · size long · size bytes · the same sync
 *
 * Counts and sizes are checked against what there is and what is allowed before anything is made
 * of them.
 */
import { ByteWriter } from '@millrace/core'
import { Cursor } from '../codec/cursor.ts'
import { ValueFault } from '../codec/value-fault.ts'
import { BlockFault, type FileCodec, isFileCodec } from './block-codec.ts'

export const SYNC_BYTES = 16
/** Two longs of ten bytes at most. */
export const BLOCK_HEAD_BYTES_MAX = 20
const MAGIC = Buffer.from('Obj\x01', 'latin1')
const METADATA_MAX = 1_000

export interface FileHeader {
  readonly schema: string
  readonly codec: FileCodec
  readonly sync: Buffer
  /** Bytes that it takes. */
  readonly size: number
}

export interface BlockHead {
  readonly count: number
  /** Of what follows, without the sync. */
  readonly size: number
  /** Bytes that the head itself takes. */
  readonly headSize: number
}

/**
 * Null: the header is longer than these bytes.
 * @throws BlockFault
 */
export function readHeader(bytes: Buffer): FileHeader | null {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length))) {
    throw new BlockFault('it does not begin as an Avro file does, with "Obj" and 1')
  }
  if (bytes.length <= MAGIC.length) return null
  const cursor = new Cursor()
  cursor.open(bytes, MAGIC.length, bytes.length)
  try {
    const metadata = metadataOf(cursor)
    const start = cursor.skip(SYNC_BYTES, 'the sync marker')
    const sync = Buffer.from(bytes.subarray(start, cursor.at))
    return { ...known(metadata), sync, size: cursor.at }
  } catch (error) {
    if (error instanceof ValueFault) return null
    throw error
  }
}

function metadataOf(cursor: Cursor): Map<string, Buffer> {
  const metadata = new Map<string, Buffer>()
  for (;;) {
    const count = cursor.blockCount(2)
    if (count === 0) return metadata
    for (let nth = 0; nth < count; nth++) {
      const key = bytesOf(cursor).toString('utf8')
      metadata.set(key, bytesOf(cursor))
      if (metadata.size > METADATA_MAX) throw new BlockFault('it has too much metadata')
    }
  }
}

function known(metadata: ReadonlyMap<string, Buffer>): Pick<FileHeader, 'schema' | 'codec'> {
  const schema = metadata.get('avro.schema')?.toString('utf8')
  if (schema === undefined) throw new BlockFault('its header has no schema')
  const codec = metadata.get('avro.codec')?.toString('latin1') ?? 'null'
  if (isFileCodec(codec)) return { schema, codec }
  throw new BlockFault(`its codec ${JSON.stringify(codec.slice(0, 40))} is not known here`)
}

/** @throws BlockFault */
export function readBlockHead(bytes: Buffer): BlockHead {
  const cursor = new Cursor()
  cursor.open(bytes, 0, bytes.length)
  try {
    const count = wholeOf(cursor, 'rows')
    const size = wholeOf(cursor, 'bytes')
    return { count, size, headSize: cursor.at }
  } catch (error) {
    if (error instanceof ValueFault) throw new BlockFault('it breaks off')
    throw error
  }
}

/** The header, without its sync. */
export function headerBytes(metadata: ReadonlyMap<string, Uint8Array>): Buffer {
  const out = new ByteWriter()
  out.bytes(MAGIC)
  if (metadata.size > 0) writeLong(out, metadata.size)
  for (const [key, value] of metadata) {
    const name = Buffer.from(key)
    writeLong(out, name.length)
    out.bytes(name)
    writeLong(out, value.length)
    out.bytes(value)
  }
  writeLong(out, 0)
  return out.copy()
}

export function blockHeadBytes(count: number, size: number): Buffer {
  const out = new ByteWriter(BLOCK_HEAD_BYTES_MAX)
  writeLong(out, count)
  writeLong(out, size)
  return out.copy()
}

/** Zig-zag, 7 bits a byte; numbers here are not below zero. */
function writeLong(out: ByteWriter, value: number): void {
  let left = value * 2
  for (; left >= 0x80; left = Math.floor(left / 0x80)) out.byte((left % 0x80) | 0x80)
  out.byte(left)
}

function bytesOf(cursor: Cursor): Buffer {
  const size = cursor.size('metadata')
  const start = cursor.skip(size, 'metadata')
  return cursor.data.subarray(start, start + size)
}

function wholeOf(cursor: Cursor, what: string): number {
  cursor.long()
  const value = cursor.isSafe() ? cursor.number() : -1
  if (value < 0) throw new BlockFault(`it claims ${cursor.bigint()} ${what}`)
  return value
}
