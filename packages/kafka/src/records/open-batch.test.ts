import { MillraceError, type RawRecords } from '@millrace/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFLATES } from './codecs/deflate.ts'
import { OpenBatch } from './open-batch.ts'
import { RecordBatchReader } from './record-batch-reader.ts'

interface Plain {
  readonly key: string | null
  readonly value: string | null
  readonly timestamp: number
  /** On the wire. */
  readonly headers: string
}

const CODECS = [0, 1, 2, 3, 4].filter(codec => DEFLATES[codec] !== undefined)
const BYTES_MAX = 1 << 20
const NOBODY = { producerId: -1n, epoch: -1, sequence: -1, isTransactional: false }

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

function writeAll(list: readonly Plain[], codec: number, bytesMax = BYTES_MAX): Buffer[] {
  const raw = rawOf(list)
  const batches: Buffer[] = []
  let from = 0
  let open = new OpenBatch({ codec, bytesMax, recordBytesMax: bytesMax })
  const seal = (next: number): void => {
    const bytes = open.seal(NOBODY)
    bytes.writeBigInt64BE(BigInt(from), 0)
    batches.push(bytes)
    from = next
    open = new OpenBatch({ codec, bytesMax, recordBytesMax: bytesMax })
  }
  for (let row = 0; row < list.length; row++) {
    if (open.append(raw, row)) continue
    seal(row)
    if (!open.append(raw, row)) throw new Error('too large')
  }
  if (open.count > 0) seal(list.length)
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

  test('that alone are too large are told apart', () => {
    const raw = rawOf([one, { ...one, value: 'x'.repeat(500) }, one])
    const open = (recordBytesMax: number) =>
      new OpenBatch({ codec: 0, bytesMax: 300, recordBytesMax })
    const batch = open(1_000)
    expect([0, 1, 2].map(row => batch.append(raw, row))).toEqual([true, false, true])
    expect(batch.count).toBe(2)
    expect(open(400).append(raw, 1)).toBe(false)
    expect(open(1_000).append(raw, 1)).toBe(true)
  })

  test.each([-2, Number.NaN, 8.64e15 + 2, 2 ** 63])('do not have the time %d', timestamp => {
    expect(() => writeAll([one, { ...one, timestamp }], 0)).toThrow(/ENCODE_FAILED.*the time/)
  })

  test('have whole milliseconds', () => {
    const [bytes] = writeAll([{ ...one, timestamp: 7.9 }], 0)
    expect(readAll(bytes as Buffer)).toEqual([{ ...one, timestamp: 7 }])
  })
})

test('a batch says who sends it', () => {
  const list = [{ key: null, value: 'v'.repeat(99), timestamp: 1, headers: '' }]
  for (const codec of CODECS) {
    const options = { codec, bytesMax: BYTES_MAX, recordBytesMax: BYTES_MAX }
    const open = new OpenBatch(options)
    open.append(rawOf(list), 0)
    const producer = { producerId: 77n, epoch: 3, sequence: 12, isTransactional: true }
    const bytes = open.seal(producer)
    expect(bytes.readBigInt64BE(43)).toBe(77n)
    expect(bytes.readInt16BE(51)).toBe(3)
    expect(bytes.readInt32BE(53)).toBe(12)
    expect(bytes.readInt16BE(21)).toBe(codec | 16)
    expect(readAll(bytes)).toEqual(list)
  }
})

test('codecs nobody has are refused', () => {
  const make = () => new OpenBatch({ codec: 5, bytesMax: 1, recordBytesMax: 1 })
  expect(make).toThrow(MillraceError)
  expect(make).toThrow(/codec 5 cannot be written/)
})
