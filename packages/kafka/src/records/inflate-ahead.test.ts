import { gzipSync } from 'node:zlib'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { batchBytes, controlBytes } from './batch-bytes.ts'
import { DEFLATES } from './codecs/deflate.ts'
import { AheadRoom } from './inflate-ahead.ts'
import { type AbortedTransaction, RecordBatchReader } from './record-batch-reader.ts'

/** Does not compress to less than what is worth another thread. */
const noise = (seed: number, bytes: number): string => {
  let text = ''
  for (let at = seed; text.length < bytes; at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0) {
    text += at.toString(36)
  }
  return text.slice(0, bytes)
}

function readerOf(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[] = [],
  bytesMax: number = 1 << 20,
) {
  let wake = (): void => {}
  const room = new AheadRoom(() => wake())
  const reader = new RecordBatchReader('orders', 3, 0, { checkCrc: true, bytesMax, ahead: room })
  reader.add({ data: bytes, start: 0, end: bytes.length, aborted })
  const offsets: number[] = []
  let waits = 0
  const readAll = async (): Promise<number[]> => {
    while (reader.bytes > 0) {
      const raw = reader.next(1_000)
      if (raw !== null) offsets.push(...raw.offsets)
      else if (reader.bytes > 0) {
        waits++
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    return offsets
  }
  return { reader, room, readAll, waits: () => waits }
}

const value = (seed: number) => ({ offsetDelta: 0, value: noise(seed, 60_000) })

test.each([
  ['gzip', 1, (bytes: Buffer) => gzipSync(bytes)],
  ['snappy', 2, (bytes: Buffer) => compressSync(bytes)],
  ['lz4', 3, (bytes: Buffer) => compressFrameSync(bytes)],
] as const)(
  '%s: batches come in their order, whoever is ready first',
  async (_, codec, deflate) => {
    const batches = Array.from({ length: 20 }, (_, i) =>
      batchBytes({ baseOffset: i, codec, compress: deflate, records: [value(i + 1)] }),
    )
    const { readAll, waits } = readerOf(Buffer.concat(batches))
    expect(await readAll()).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(waits()).toBeGreaterThan(0)
  },
)

test('zstd goes to another thread where Node has it', async () => {
  const deflate = DEFLATES[4] ?? undefined
  if (deflate === undefined) {
    expect(process.versions.node.startsWith('20.')).toBe(true)
    return
  }
  const bytes = batchBytes({ baseOffset: 0, codec: 4, compress: deflate, records: [value(1)] })
  const { readAll, waits } = readerOf(bytes)
  expect(await readAll()).toEqual([0])
  expect(waits()).toBe(1)
})

test('small batches are inflated when it is their turn', async () => {
  const deflate = (bytes: Buffer) => compressFrameSync(bytes)
  const bytes = batchBytes({
    baseOffset: 0,
    codec: 3,
    compress: deflate,
    records: [{ offsetDelta: 0, value: 'little' }],
  })
  const { readAll, waits } = readerOf(bytes)
  expect(await readAll()).toEqual([0])
  expect(waits()).toBe(0)
})

test('six at a time, of all partitions', () => {
  const deflate = (bytes: Buffer) => compressFrameSync(bytes)
  const batches = Array.from({ length: 9 }, (_, i) =>
    batchBytes({ baseOffset: i, codec: 3, compress: deflate, records: [value(i + 1)] }),
  )
  const { reader, room } = readerOf(Buffer.concat(batches))
  expect(room.count).toBe(6)
  expect(room.isFull).toBe(true)
  reader.close()
  expect(room.count).toBe(0)
})

test('what nobody takes gives its room back: aborted batches, and a reader that is closed', async () => {
  const deflate = (bytes: Buffer) => compressFrameSync(bytes)
  const transaction = { producerId: 7n, flags: 16 }
  const bytes = Buffer.concat([
    batchBytes({ baseOffset: 0, codec: 3, compress: deflate, records: [value(1)], ...transaction }),
    controlBytes(1, 7n, false),
    batchBytes({ baseOffset: 2, codec: 3, compress: deflate, records: [value(2)] }),
  ])
  const { room, readAll } = readerOf(bytes, [{ producerId: 7n, firstOffset: 0 }])
  expect(room.count).toBe(2)
  expect(await readAll()).toEqual([2])
  expect(room.count).toBe(0)
})

test('an answer is done with when its last batch is inflated; plain records go on using it', () => {
  const deflate = (bytes: Buffer) => compressFrameSync(bytes)
  const told = (compress: ((bytes: Buffer) => Buffer) | undefined): (number | undefined)[] => {
    let count = 0
    const codec = compress === undefined ? 0 : 3
    const records = [{ offsetDelta: 0, value: noise(1, 200_000) }]
    const batches = [0, 1].map(baseOffset =>
      batchBytes({ baseOffset, codec, records, ...(compress !== undefined && { compress }) }),
    )
    const data = Buffer.concat(batches)
    const reader = new RecordBatchReader('orders', 3, 0, { checkCrc: true, bytesMax: 1 << 20 })
    reader.add({ data, start: 0, end: data.length, aborted: [], done: () => count++ })
    return [0, 1].flatMap(() => [reader.next(1)?.offsets[0], count])
  }
  expect(told(deflate)).toEqual([0, 0, 1, 1])
  expect(told(undefined)).toEqual([0, 0, 1, 0])
})

test('a batch that cannot be inflated is told of when it is its turn', async () => {
  const cut = (bytes: Buffer): Buffer => gzipSync(bytes).subarray(0, -9)
  const bytes = Buffer.concat([
    batchBytes({ baseOffset: 0, records: [{ offsetDelta: 0, value: 'plain' }] }),
    batchBytes({ baseOffset: 1, codec: 1, compress: cut, records: [value(1)] }),
  ])
  const { reader, readAll, room } = readerOf(bytes)
  expect([...(reader.next(9)?.offsets ?? [])]).toEqual([0])
  await expect(readAll()).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
  expect(room.count).toBe(0)
})

test.each([1, 2, 3])('codec %i inflates to no more than allowed', async codec => {
  const compress = DEFLATES[codec] as (bytes: Buffer) => Buffer
  const bytes = batchBytes({ baseOffset: 0, codec, compress, records: [value(1)] })
  await expect(readerOf(bytes, [], 50_000).readAll()).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
})
