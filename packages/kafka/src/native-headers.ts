/**
 * Record headers between their wire form (`RawRecords`) and the objects of the Kafka client.
 *
 * The client takes a header as an object with one property and has three traps: an empty buffer
 * without memory behind it is sent as null, a null throws after it has sent the record, and a
 * header named `__proto__` arrives as the prototype. Reading cannot tell a null value from an empty
 * one; both come as empty.
 */
import type { Header, Headers } from '@millrace/core'
import type { NativeHeader } from './native-client.ts'

/** Zero bytes that the client sends as zero bytes. */
export const EMPTY: Buffer = Buffer.alloc(1).subarray(0, 0)

/** Zero bytes without memory behind them: the client sends null. */
const NULL = Buffer.alloc(0)

export function toNativeHeaders(headers: Headers): NativeHeader[] {
  return headers.map(({ name, value }) => ({ [name]: bytesOf(value) }))
}

/** A name the client would cut off. */
export function isCutName({ name }: Header): boolean {
  return name.includes('\0')
}

export function fromNativeHeaders(headers: readonly NativeHeader[]): Header[] {
  return headers.map(header => {
    const [name] = Object.keys(header)
    if (name !== undefined) return { name, value: header[name] as Buffer }
    return { name: '__proto__', value: Object.getPrototypeOf(header) as Buffer }
  })
}

function bytesOf(value: Uint8Array | null): Buffer {
  if (value === null) return NULL
  if (value.length === 0) return EMPTY
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
