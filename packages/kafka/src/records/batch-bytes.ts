/**
 * Record batches by hand, for tests: the clear version of the format, written as its grammar says
 * (record-batch-reader.ts).
 */
import { crc32c } from '@node-rs/crc32'

export interface HandRecord {
  readonly offsetDelta: number
  readonly timestampDelta?: number
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [name: string, value: string | null])[]
}

export interface HandBatch {
  readonly baseOffset: number
  readonly records: readonly HandRecord[]
  readonly firstTimestamp?: number
  readonly maxTimestamp?: number
  /** Bits 3 to 5. */
  readonly flags?: number
  readonly codec?: number
  readonly producerId?: bigint
  /** Of the last record that was there; default: of the last that is. */
  readonly lastOffsetDelta?: number
  readonly compress?: (bytes: Buffer) => Buffer
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
  return Buffer.from(bytes)
}

function part(text: string | null | undefined): Buffer {
  if (text === null || text === undefined) return varint(-1)
  const bytes = Buffer.from(text)
  return Buffer.concat([varint(bytes.length), bytes])
}

function record({ offsetDelta, timestampDelta = 0, key, value, headers = [] }: HandRecord): Buffer {
  const body = Buffer.concat([
    Buffer.of(0),
    varint(timestampDelta),
    varint(offsetDelta),
    part(key),
    part(value),
    varint(headers.length),
    ...headers.flatMap(([name, text]) => [part(name), part(text)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

export function batchBytes(batch: HandBatch): Buffer {
  const { records, flags = 0, codec = 0, firstTimestamp = 0 } = batch
  const plain = Buffer.concat(records.map(record))
  const body = batch.compress?.(plain) ?? plain
  const bytes = Buffer.alloc(61 + body.length)
  bytes.writeBigInt64BE(BigInt(batch.baseOffset), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeInt16BE(flags | codec, 21)
  bytes.writeInt32BE(batch.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? 0, 23)
  bytes.writeBigInt64BE(BigInt(firstTimestamp), 27)
  bytes.writeBigInt64BE(BigInt(batch.maxTimestamp ?? firstTimestamp), 35)
  bytes.writeBigInt64BE(batch.producerId ?? -1n, 43)
  bytes.writeInt32BE(records.length, 57)
  body.copy(bytes, 61)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

/** The batch that ends a transaction. */
export function controlBytes(baseOffset: number, producerId: bigint, isCommit: boolean): Buffer {
  const bytes = batchBytes({
    baseOffset,
    producerId,
    flags: 16 | 32,
    records: [{ offsetDelta: 0, key: '\0\0\0\x01', value: '\0\0\0\0\0\0' }],
  })
  // Version, then type: 0 = abort, 1 = commit.
  const at = bytes.indexOf(Buffer.from('\0\0\0\x01'), 61)
  bytes.writeInt16BE(isCommit ? 1 : 0, at + 2)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}
