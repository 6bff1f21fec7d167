/**
 * The two framings of Confluent's serdes: how a record says which schema wrote it.
 *
 *   V0   0x00 · id int32, big-endian · payload      in front of the payload
 *   V1   0x01 · GUID, 16 bytes                      in a header; the payload is bare
 *
 * Readers look for the header first (the last one of its name counts), then at the first byte,
 * where a V1 frame is taken too. Everything here works on ranges of bytes and makes nothing per
 * record: a frame's fault is a negative number. Ids are not below zero; one that is, is a fault.
 */

export const VALUE_SCHEMA_HEADER = '__value_schema_id'
export const KEY_SCHEMA_HEADER = '__key_schema_id'

export const ID_FRAME_BYTES = 5
export const GUID_FRAME_BYTES = 17

const MAGIC_ID = 0
const MAGIC_GUID = 1

/** In place of an id: the frame has a GUID (`guidAt`), and the payload begins behind 17 bytes. */
export const HAS_GUID = -1
/** In place of an id: there are fewer bytes than a frame has. */
export const FRAME_TRUNCATED = -2
/** In place of an id: the first byte is neither 0 nor 1. */
export const FRAME_UNKNOWN = -3
/** In place of an id: the id is below zero. */
export const FRAME_ID_NEGATIVE = -4

/** The id of a V0 frame at the beginning of `data[start, end)`, else one of the numbers above. */
export function frameIdAt(data: Uint8Array, start: number, end: number): number {
  if (end <= start) return FRAME_TRUNCATED
  const magic = data[start]
  if (magic === MAGIC_ID) {
    if (end - start < ID_FRAME_BYTES) return FRAME_TRUNCATED
    const id =
      (data[start + 1]! << 24) |
      (data[start + 2]! << 16) |
      (data[start + 3]! << 8) |
      data[start + 4]!
    return id < 0 ? FRAME_ID_NEGATIVE : id
  }
  if (magic !== MAGIC_GUID) return FRAME_UNKNOWN
  return end - start < GUID_FRAME_BYTES ? FRAME_TRUNCATED : HAS_GUID
}

/** What is wrong with a frame, for the failure of a record; empty for an id and for `HAS_GUID`. */
export function frameFault(fault: number, data: Uint8Array, start: number, end: number): string {
  if (fault === FRAME_TRUNCATED) return `${end - start} bytes`
  if (fault === FRAME_UNKNOWN) {
    return `a first byte 0x${data[start]!.toString(16).padStart(2, '0')} of ${end - start} bytes`
  }
  return fault === FRAME_ID_NEGATIVE ? 'a schema id below zero' : ''
}

/** The text of the 16 bytes from `start` on, in lower case with dashes. */
export function guidAt(data: Uint8Array, start: number): string {
  const hex = Buffer.from(data.buffer, data.byteOffset + start, 16).toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

/** The GUID of a header's value `data[start, end)`; null when it is none. */
export function guidOfHeader(data: Uint8Array, start: number, end: number): string | null {
  return frameIdAt(data, start, end) === HAS_GUID ? guidAt(data, start + 1) : null
}

/** A V0 frame: five bytes. */
export function idFrame(id: number): Buffer {
  const frame = Buffer.alloc(ID_FRAME_BYTES)
  frame.writeInt32BE(id, 1)
  return frame
}

/** A V1 frame: 17 bytes, the value of the header. */
export function guidFrame(guid: string): Buffer {
  return Buffer.concat([Buffer.of(MAGIC_GUID), Buffer.from(guid.replaceAll('-', ''), 'hex')])
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function isGuid(text: unknown): text is string {
  return typeof text === 'string' && GUID.test(text)
}
