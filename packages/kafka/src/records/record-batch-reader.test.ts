import { gzipSync } from 'node:zlib'
import type { RawBatch } from '@millrace/core'
import { MillraceError } from '@millrace/core'
import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { describe, expect, test } from 'vitest'
import { batchBytes, controlBytes, type HandBatch, type HandRecord } from './batch-bytes.ts'
import { type AbortedTransaction, RecordBatchReader } from './record-batch-reader.ts'

const OPTIONS = { checkCrc: true, bytesMax: 1 << 20 }

function readerOf(
  bytes: Buffer,
  offset = 0,
  aborted: readonly AbortedTransaction[] = [],
  options = OPTIONS,
) {
  const reader = new RecordBatchReader('orders', 3, offset, options)
  reader.add({ data: bytes, start: 0, end: bytes.length, aborted })
  return reader
}

function recordsOf(raw: RawBatch) {
  const text = (start: number, size: number) =>
    size < 0 ? null : raw.data.toString('utf8', start, start + size)
  return Array.from({ length: raw.count }, (_, i) => ({
    offset: raw.offsets[i] as number,
    timestamp: raw.timestamps[i] as number,
    key: text(raw.keyStart[i] as number, raw.keySize[i] as number),
    value: text(raw.valueStart[i] as number, raw.valueSize[i] as number),
    headers: text(raw.headersStart[i] as number, raw.headersSize[i] as number),
  }))
}

function readAll(reader: RecordBatchReader, recordsMax = 1_000) {
  const records: ReturnType<typeof recordsOf> = []
  for (let raw = reader.next(recordsMax); raw !== null; raw = reader.next(recordsMax)) {
    expect(raw.count).toBeLessThanOrEqual(recordsMax)
    records.push(...recordsOf(raw))
  }
  return records
}

const offsetsOf = (reader: RecordBatchReader) => readAll(reader).map(({ offset }) => offset)

const XERIAL = Buffer.concat([Buffer.from([0x82]), Buffer.from('SNAPPY\0\0\0\0\x01\0\0\0\x01')])
const chunked = (bytes: Buffer): Buffer => {
  const chunks = [bytes.subarray(0, 5), bytes.subarray(5)].map(part => {
    const packed = compressSync(part)
    const size = Buffer.alloc(4)
    size.writeInt32BE(packed.length)
    return Buffer.concat([size, packed])
  })
  return Buffer.concat([XERIAL, ...chunks])
}

const CODECS: readonly (readonly [string, number, ((bytes: Buffer) => Buffer) | undefined])[] = [
  ['none', 0, undefined],
  ['gzip', 1, bytes => gzipSync(bytes)],
  ['snappy', 2, bytes => compressSync(bytes)],
  ['snappy in chunks', 2, chunked],
  ['lz4', 3, bytes => compressFrameSync(bytes)],
]

const SOME: readonly HandRecord[] = [
  { offsetDelta: 0, key: 'a', value: 'x' },
  { offsetDelta: 1, key: null, value: null, timestampDelta: -7 },
  {
    offsetDelta: 4,
    key: '',
    value: '',
    timestampDelta: 2 ** 40,
    headers: [
      ['h', null],
      ['', 'v'],
    ],
  },
]

describe('records', () => {
  test.each(CODECS)('come out as they went in: %s', (_, codec, compress) => {
    const batch = { baseOffset: 10, firstTimestamp: 1_000, records: SOME, codec }
    const reader = readerOf(batchBytes({ ...batch, ...(compress && { compress }) }))
    expect(readAll(reader)).toEqual([
      { offset: 10, timestamp: 1_000, key: 'a', value: 'x', headers: '' },
      { offset: 11, timestamp: 993, key: null, value: null, headers: '' },
      {
        offset: 14,
        timestamp: 1_000 + 2 ** 40,
        key: '',
        value: '',
        headers: '\x04\x02h\x01\0\x02v',
      },
    ])
    expect(reader).toMatchObject({ position: 15, fetchOffset: 15, bytes: 0 })
  })

  test('are the same however many are asked for at once, in whatever batches they lie', () => {
    const record = fc.record({
      key: fc.option(fc.string({ maxLength: 5 })),
      value: fc.option(fc.string({ maxLength: 300 })),
      timestampDelta: fc.integer(),
      gap: fc.integer({ min: 1, max: 3 }),
    })
    const batch = fc.record({
      records: fc.array(record, { maxLength: 8 }),
      codec: fc.constantFrom(...CODECS),
      tail: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(
        fc.array(batch),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(30),
        (list, max, from) => {
          let offset = 0
          const expected: unknown[] = []
          const parts = list.map(({ records, codec: [, codec, compress], tail }) => {
            const baseOffset = offset
            const made = records.map(({ key, value, timestampDelta, gap }) => {
              const at = { offset, timestamp: 50 + timestampDelta, key, value, headers: '' }
              if (offset >= from) expected.push(at)
              const offsetDelta = offset - baseOffset
              offset += gap
              return { key, value, timestampDelta, offsetDelta }
            })
            offset += tail + 1
            const lastOffsetDelta = offset - 1 - baseOffset
            const hand = { baseOffset, firstTimestamp: 50, records: made, codec, lastOffsetDelta }
            return batchBytes({ ...hand, ...(compress && { compress }) })
          })
          const bytes = Buffer.concat(parts)
          if (bytes.length === 0) return
          const reader = readerOf(bytes, from)
          expect(readAll(reader, max)).toEqual(expected)
          expect(reader.position).toBe(Math.max(from, offset))
          expect(reader.bytes).toBe(0)
        },
      ),
    )
  })

  test('of many small batches come together', () => {
    const one = (baseOffset: number): HandBatch => ({
      baseOffset,
      records: [{ offsetDelta: 0, value: 'v' }],
    })
    for (const [, codec, compress] of CODECS) {
      const parts = Array.from({ length: 50 }, (_, i) =>
        batchBytes({ ...one(i), codec, ...(compress && { compress }) }),
      )
      expect(readerOf(Buffer.concat(parts)).next(1_000)?.count).toBe(50)
    }
  })

  test('have the time of the broker where the topic says so', () => {
    const batch = { baseOffset: 0, records: SOME, flags: 8, firstTimestamp: 5, maxTimestamp: 77 }
    const times = readAll(readerOf(batchBytes(batch))).map(({ timestamp }) => timestamp)
    expect(times).toEqual([77, 77, 77])
  })

  test('behind the last whole batch wait for the next fetch', () => {
    const [first, second] = [0, 3].map(baseOffset =>
      batchBytes({ baseOffset, records: [{ offsetDelta: 2, value: 'v' }] }),
    ) as [Buffer, Buffer]
    const cut = Buffer.concat([first, second]).subarray(0, first.length + second.length - 1)
    const reader = readerOf(cut)
    expect(reader.fetchOffset).toBe(3)
    expect(offsetsOf(reader)).toEqual([2])
    reader.add({ data: second, start: 0, end: second.length, aborted: [] })
    expect(offsetsOf(reader)).toEqual([5])
  })
})

describe('of transactions', () => {
  const data = (baseOffset: number, producerId: bigint) =>
    batchBytes({ baseOffset, producerId, flags: 16, records: [{ offsetDelta: 0, value: 'v' }] })

  test('only committed records are given, and the position passes the others', () => {
    const log = Buffer.concat([
      data(0, 1n),
      data(1, 2n),
      batchBytes({ baseOffset: 2, records: [{ offsetDelta: 0, value: 'plain' }] }),
      controlBytes(3, 1n, false),
      data(4, 1n),
      controlBytes(5, 2n, true),
      controlBytes(6, 1n, true),
      data(7, 2n),
      controlBytes(8, 2n, false),
    ])
    const aborted = [
      { producerId: 1n, firstOffset: 0 },
      { producerId: 2n, firstOffset: 7 },
    ]
    const reader = readerOf(log, 0, aborted)
    expect(offsetsOf(reader)).toEqual([1, 2, 4])
    expect(reader.position).toBe(9)
  })

  test('an oracle that knows the fate of each batch agrees', () => {
    const step = fc.record({
      producer: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom('data', 'data', 'data', 'commit', 'abort'),
    })
    fc.assert(
      fc.property(fc.array(step), steps => {
        const open = new Map<number, number[]>()
        const committed: number[] = []
        const aborted: AbortedTransaction[] = []
        const parts = steps.map(({ producer, kind }, offset) => {
          const id = BigInt(producer)
          if (producer === 0) {
            committed.push(offset)
            return batchBytes({ baseOffset: offset, records: [{ offsetDelta: 0 }] })
          }
          const mine = open.get(producer) ?? []
          if (kind === 'data') {
            open.set(producer, [...mine, offset])
            return data(offset, id)
          }
          open.delete(producer)
          if (kind === 'commit') committed.push(...mine)
          else if (mine[0] !== undefined) {
            aborted.push({ producerId: id, firstOffset: mine[0] })
          }
          return controlBytes(offset, id, kind === 'commit')
        })
        // The broker gives nothing behind the first open transaction.
        const stable = Math.min(
          steps.length,
          ...[...open.values()].map(([first]) => first as number),
        )
        const bytes = Buffer.concat(parts.slice(0, stable))
        if (bytes.length === 0) return
        aborted.sort((a, b) => a.firstOffset - b.firstOffset)
        const expected = committed.filter(offset => offset < stable).sort((a, b) => a - b)
        expect(offsetsOf(readerOf(bytes, 0, aborted))).toEqual(expected)
      }),
    )
  })
})

describe('what is wrong is refused', () => {
  const good = batchBytes({ baseOffset: 10, records: SOME, firstTimestamp: 1_000 })
  const failureOf = (bytes: Buffer, options = OPTIONS): string => {
    try {
      readAll(readerOf(bytes, 0, [], options))
    } catch (error) {
      if (!MillraceError.is(error)) throw error
      expect(error.place).toMatchObject({ topic: 'orders', partition: 3 })
      return error.message
    }
    return 'nothing'
  }
  const changed = (at: number, byte: number) => {
    const bytes = Buffer.from(good)
    bytes[at] = byte
    return bytes
  }

  test.each([
    ['a changed byte', changed(good.length - 1, 7), /LOG_CORRUPT.*CRC-32C/],
    ['an old format', changed(16, 1), /expected batches of format 2, got format 1/],
    ['a negative length', changed(8, 0xff), /a length of 49 or more/],
    ['a negative offset', changed(0, 0xff), /expected an offset/],
    ['a codec nobody has', batchBytes({ baseOffset: 0, records: SOME, codec: 6 }), /number 6/],
    ['a batch that was cut off', good.subarray(0, 70), /a whole batch/],
  ])('%s', (_, bytes, text) => {
    expect(failureOf(bytes)).toMatch(text)
  })

  test('bombs, before they are inflated whole', () => {
    const zeros = Buffer.alloc(3_000_000)
    const zstdBomb = Buffer.from(
      'KLUv/QRoTAAACAABAPz/ORACAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAgAQAAIAEAACABAAAzYOAAPJr9Y=',
      'base64',
    )
    const bombs = [...CODECS.slice(1).map(([, codec, compress]) => [codec, compress?.(zeros)])]
    for (const [codec, body] of [...bombs, [4, zstdBomb]] as [number, Buffer][]) {
      const bytes = batchBytes({ baseOffset: 0, records: SOME, codec, compress: () => body })
      expect(failureOf(bytes)).toMatch(/LOG_CORRUPT: .*compressed by/)
    }
  })

  test('any byte may be anything: it is read or refused, and nothing else', () => {
    const sound = Buffer.concat([good, controlBytes(20, 1n, true), good])
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, byte, end) => {
        const bytes = Buffer.from(sound.subarray(0, Math.max(1, end)))
        bytes[at % bytes.length] = byte
        failureOf(bytes, { ...OPTIONS, checkCrc: false })
      }),
      { numRuns: 2_000 },
    )
  })
})

test('an answer is done with when its last batch is inflated; plain records go on using it', () => {
  const told = (codec: number, compress: (bytes: Buffer) => Buffer): (number | undefined)[] => {
    let count = 0
    const records = [{ offsetDelta: 0, value: 'x'.repeat(200_000) }]
    const batches = [0, 1].map(baseOffset => batchBytes({ baseOffset, codec, records, compress }))
    const data = Buffer.concat(batches)
    const reader = new RecordBatchReader('orders', 3, 0, OPTIONS)
    reader.add({ data, start: 0, end: data.length, aborted: [], done: () => count++ })
    return [0, 1].flatMap(() => [reader.next(1)?.offsets[0], count])
  }
  expect(told(3, bytes => compressFrameSync(bytes))).toEqual([0, 0, 1, 1])
  expect(told(0, bytes => bytes)).toEqual([0, 0, 1, 0])
})

test('an inflated batch is done with behind its last records, and used for another then', () => {
  const records = (letter: string) =>
    [0, 1, 2].map(offsetDelta => ({ offsetDelta, value: letter.repeat(40_000) }))
  const compress = (bytes: Buffer) => compressFrameSync(bytes)
  const read = (letter: string) =>
    readerOf(batchBytes({ baseOffset: 0, codec: 3, compress, records: records(letter) }))
  const reader = read('a')
  const [first, last] = [reader.next(2), reader.next(2)] as RawBatch[]
  first?.done?.()
  expect(last?.data).toBe(first?.data)
  const meanwhile = read('b').next(3)
  expect(meanwhile?.data.buffer).not.toBe(last?.data.buffer)
  last?.done?.()
  const after = read('c').next(3)
  expect(after?.data.buffer).toBe(last?.data.buffer)
  expect(recordsOf(after as RawBatch)[2]?.value).toBe('c'.repeat(40_000))
  expect(recordsOf(meanwhile as RawBatch)[2]?.value).toBe('b'.repeat(40_000))
})
