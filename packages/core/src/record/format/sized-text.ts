/** Text and bytes with their size in front: varint size, then the bytes; text as UTF-8. */
import type { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'

export function writeText(text: string, out: ByteWriter): void {
  out.unsigned(Buffer.byteLength(text, 'utf8'))
  out.text(text)
}

export function readText(from: ByteReader): string {
  return from.text(from.unsigned())
}

export function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  out.unsigned(bytes.length)
  out.bytes(bytes)
}

/** A view of the bytes; valid as long as the buffer under the reader. */
export function readBytes(from: ByteReader): Buffer {
  return from.bytes(from.unsigned())
}
