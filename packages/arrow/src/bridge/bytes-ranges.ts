import { getBit } from '@millrace/core'
import { type Data, DataType } from 'apache-arrow'

export interface BytesRanges {
  readonly data: Buffer
  readonly start: Int32Array
  readonly size: Int32Array
}

const VIEW_BYTES = 16
const INLINE_BYTES_MAX = 12

/** Where each text or bytes is; nothing is copied, but for views that lie in several buffers. */
export function bytesRanges(data: Data): BytesRanges {
  if (DataType.isUtf8View(data.type) || DataType.isBinaryView(data.type)) return ofViews(data)
  if (DataType.isFixedSizeBinary(data.type)) return ofFixed(data)
  const { length, values } = data
  const offsets = data.valueOffsets as Int32Array | BigInt64Array
  const start = new Int32Array(length)
  const size = new Int32Array(length)
  if (offsets instanceof BigInt64Array) {
    // A buffer is smaller than 2^31 bytes, so the lower halves are all of the offsets.
    const words = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length * 2)
    for (let i = 0; i < length; i++) {
      start[i] = words[i * 2] as number
      size[i] = (words[i * 2 + 2] as number) - (words[i * 2] as number)
    }
  } else {
    start.set(offsets.subarray(0, length))
    for (let i = 0; i < length; i++) size[i] = (offsets[i + 1] as number) - (offsets[i] as number)
  }
  return { data: bufferOf(values as Uint8Array), start, size }
}

function ofFixed({ length, values, stride }: Data): BytesRanges {
  const start = Int32Array.from({ length }, (_, i) => i * stride)
  return { data: bufferOf(values as Uint8Array), start, size: new Int32Array(length).fill(stride) }
}

function ofViews({ length, values, variadicBuffers, nullBitmap, nullCount }: Data): BytesRanges {
  const views = values as Uint8Array
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength)
  const begins: number[] = []
  let bytes = views.length
  for (const buffer of variadicBuffers) {
    begins.push(bytes)
    bytes += buffer.length
  }
  const start = new Int32Array(length)
  const size = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    if (nullCount > 0 && !getBit(nullBitmap, i)) continue
    const at = i * VIEW_BYTES
    const count = view.getInt32(at, true)
    size[i] = count
    start[i] =
      count <= INLINE_BYTES_MAX
        ? at + 4
        : (begins[view.getInt32(at + 8, true)] as number) + view.getInt32(at + 12, true)
  }
  const data =
    variadicBuffers.length === 0 ? bufferOf(views) : Buffer.concat([views, ...variadicBuffers])
  return { data, start, size }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
