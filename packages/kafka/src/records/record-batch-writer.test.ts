import { MillraceError, type RawRecords } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFLATES } from './codecs/deflate.ts'
import { RecordBatchReader } from './record-batch-reader.ts'
import { RecordBatchWriter, setProducer } from './record-batch-writer.ts'

interface Plain {
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
  /** On the wire. */
  readonly headers: string
}

const CODECS = [0, 1, 2, 3, 4].filter(codec => DEFLATES[codec] !== undefined)
const BYTES_MAX = 1 << 20

function rawOf(list: readonly Plain[]): RawRecords {
  const parts: Buffer[] = []
  let size = 0
  const place = (text: string | null): [number, number] => {
    if (text === null) return [0, -1]
    const bytes = Buffer.from(text)
    parts.push(bytes)
    size += bytes.length
    return [size - bytes.length, bytes.length]
  }
  const keys = list.map(({ key }) => place(key))
  const values = list.map(({ value }) => place(value))
  const headers = list.map(({ headers }) => place(headers))
  const starts = (places: [number, number][]) => Int32Array.from(places, ([start]) => start)
  const sizes = (places: [number, number][]) => Int32Array.from(places, ([, bytes]) => bytes)
  return {
    count: list.length,
    data: Buffer.concat(parts),
    keyStart: starts(keys),
    keySize: sizes(keys),
    valueStart: starts(values),
    valueSize: sizes(values),
    headersStart: starts(headers),
    headersSize: sizes(headers),
    timestamps: Float64Array.from(list, ({ timestamp }) => timestamp),
  }
}

const rowsOf = (list: readonly unknown[]) => Int32Array.from(list, (_, i) => i)

function writeAll(list: readonly Plain[], codec: number, bytesMax = BYTES_MAX): Buffer[] {
  const writer = new RecordBatchWriter('orders', { codec, bytesMax })
  const batches: Buffer[] = []
  for (let from = 0; from < list.length; ) {
    const { bytes, count } = writer.write(rawOf(list), rowsOf(list), from)
    if (count === 0) throw new Error('too large')
    bytes.writeBigInt64BE(BigInt(from), 0)
    batches.push(bytes)
    from += count
  }
  return batches
}

function readAll(bytes: Buffer): Plain[] {
  const options = { checkCrc: true, bytesMax: 8 << 20 }
  const reader = new RecordBatchReader('orders', 0, 0, options)
  if (bytes.length > 0) reader.add({ data: bytes, start: 0, end: bytes.length, aborted: [] })
  const list: Plain[] = []
  for (let raw = reader.next(7); raw !== null; raw = reader.next(7)) {
    const { data } = raw
    const text = (start: number | undefined, size: number | undefined) =>
      size === -1 ? null : data.toString('utf8', start, (start ?? 0) + (size ?? 0))
    for (let i = 0; i < raw.count; i++) {
      expect(raw.offsets[i]).toBe(list.length)
      list.push({
        key: text(raw.keyStart[i], raw.keySize[i]),
        value: text(raw.valueStart[i], raw.valueSize[i]),
        timestamp: raw.timestamps[i] as number,
        headers: text(raw.headersStart[i], raw.headersSize[i]) ?? '',
      })
    }
  }
  return list
}

const plain: fc.Arbitrary<Plain> = fc.record({
  key: fc.option(fc.string({ maxLength: 40 })),
  value: fc.option(fc.oneof(fc.string({ maxLength: 90 }), fc.constant('x'.repeat(9_000)))),
  timestamp: fc.oneof(
    fc.integer({ min: -1, max: 100 }),
    fc.integer({ min: 0, max: 8.64e15 }),
    fc.constantFrom(-1, 0, 2 ** 31, 2 ** 52, 8.64e15),
  ),
  headers: fc.constantFrom('', '\x02\x02h\x01', '\x04\x02h\x02v\0\0'),
})

describe('records', () => {
  test.each(CODECS)('are read as they were written, by codec %i', codec => {
    fc.assert(
      fc.property(
        fc.array(plain, { maxLength: 20 }),
        fc.integer({ min: 9_300, max: 40_000 }),
        (list, bytesMax) => {
          const batches = writeAll(list, codec, bytesMax)
          for (const { length } of batches) expect(length).toBeLessThanOrEqual(bytesMax)
          expect(readAll(Buffer.concat(batches))).toEqual(list)
        },
      ),
    )
  })

  const one: Plain = { key: 'k', value: 'v', timestamp: 5, headers: '' }

  test('are those of the rows, in their order', () => {
    const list = [1, 2, 3, 4].map(timestamp => ({ ...one, timestamp }))
    const writer = new RecordBatchWriter('orders', { codec: 0, bytesMax: BYTES_MAX })
    const { bytes, count } = writer.write(rawOf(list), Int32Array.of(3, 0, 2), 1)
    expect(count).toBe(2)
    expect(readAll(bytes).map(({ timestamp }) => timestamp)).toEqual([1, 3])
  })

  test('that alone are too large are told apart', () => {
    const list = [one, { ...one, value: 'x'.repeat(500) }]
    const writer = new RecordBatchWriter('orders', { codec: 0, bytesMax: 300 })
    expect(writer.write(rawOf(list), rowsOf(list), 0).count).toBe(1)
    expect(writer.write(rawOf(list), rowsOf(list), 1).count).toBe(0)
  })

  test.each([-2, 0.5, Number.NaN, 8.64e15 + 2, 2 ** 63])('do not have the time %d', timestamp => {
    expect(() => writeAll([one, { ...one, timestamp }], 0)).toThrow(/ENCODE_FAILED.*the time/)
  })
})

test('who sends a batch is set again and again', () => {
  const list = [{ key: null, value: 'v'.repeat(99), timestamp: 1, headers: '' }]
  for (const codec of CODECS) {
    const bytes = writeAll(list, codec)[0] as Buffer
    const before = Buffer.from(bytes)
    const producer = { producerId: 77n, epoch: 3, sequence: 12, isTransactional: true }
    setProducer(bytes, producer)
    expect(bytes.readBigInt64BE(43)).toBe(77n)
    expect(bytes.readInt16BE(51)).toBe(3)
    expect(bytes.readInt32BE(53)).toBe(12)
    expect(bytes.readInt16BE(21)).toBe(before.readInt16BE(21) | 16)
    expect(readAll(bytes)).toEqual(list)
    const nobody = { producerId: -1n, epoch: -1, sequence: -1, isTransactional: false }
    setProducer(bytes, nobody)
    expect(bytes.equals(before)).toBe(true)
  }
})

test('codecs nobody has are refused', () => {
  const make = () => new RecordBatchWriter('orders', { codec: 5, bytesMax: 1 })
  expect(make).toThrow(MillraceError)
  expect(make).toThrow(/codec 5 cannot be written/)
})
