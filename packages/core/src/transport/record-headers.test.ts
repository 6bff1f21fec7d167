import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Headers, NO_HEADERS } from '../record/headers.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import type { RawRecords } from './raw-records.ts'
import { decodeHeaders, encodeHeaders } from './record-headers.ts'

function encoded(headers: Headers): Buffer {
  const out = new ByteWriter()
  encodeHeaders(headers, out)
  return out.copy()
}

/** One record whose headers are these bytes, among others. */
function rawOf(bytes: Uint8Array): RawRecords {
  const none = new Int32Array(1)
  return {
    count: 1,
    data: Buffer.concat([Buffer.from([9, 9]), bytes, Buffer.alloc(100, 2)]),
    keyStart: none,
    keySize: none,
    valueStart: none,
    valueSize: none,
    headersStart: Int32Array.of(2),
    headersSize: Int32Array.of(bytes.length),
    timestamps: new Float64Array(1),
  }
}

const header = fc.record({
  name: fc.constantFrom('a', 'b', '', '__proto__', 'é\u2028', 'x'.repeat(100)),
  value: fc.option(fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))),
})

describe('headers', () => {
  test('have the bytes of a Kafka record batch', () => {
    const headers = [
      { name: 'k', value: Buffer.from('vv') },
      { name: 'n', value: null },
      { name: '', value: Buffer.alloc(0) },
    ]
    // Zig-zag: 3 → 6, 1 → 2, 2 → 4, -1 → 1, 0 → 0.
    expect([...encoded(headers)]).toEqual([6, 2, 0x6b, 4, 0x76, 0x76, 2, 0x6e, 1, 0, 0])
  })

  test('that are none take no bytes', () => {
    expect(encoded(NO_HEADERS).length).toBe(0)
    expect(decodeHeaders(rawOf(Buffer.alloc(0)), 0)).toEqual([])
  })

  test('come back in order, with duplicates, nulls and empty values', () => {
    fc.assert(
      fc.property(fc.array(header), headers => {
        expect(decodeHeaders(rawOf(encoded(headers)), 0)).toEqual(headers)
      }),
    )
  })

  test('written by Kafka as a zero count are none', () => {
    expect(decodeHeaders(rawOf(Buffer.from([0])), 0)).toEqual([])
  })
})

describe('bytes that are not headers', () => {
  test.each([
    ['a count beyond the bytes there are', [0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ['a negative count', [1]],
    ['a name beyond the record, though not beyond the buffer', [2, 40, 0x6b]],
    ['a negative name size', [2, 3, 0x6b, 0x6b]],
    ['a value beyond the record', [2, 2, 0x6b, 40]],
    ['a value size below -1', [2, 2, 0x6b, 3]],
    ['bytes behind the last header', [2, 2, 0x6b, 1, 0]],
    ['a count cut off', [0x80]],
  ])('are refused: %s', (_, bytes) => {
    expect(() => decodeHeaders(rawOf(Buffer.from(bytes)), 0)).toThrow(
      /^DECODE_FAILED: the \d bytes of headers of a record are not Kafka record headers/,
    )
  })

  test('of a batch are refused with their place', () => {
    const place = { topic: 'purchases', partition: 3, nextOffset: 43, offsets: Float64Array.of(42) }
    expect(() => decodeHeaders({ ...rawOf(Buffer.from([1])), ...place }, 0)).toThrow(
      /\(at topic purchases\/3 offset 42\)$/,
    )
  })

  test('of any kind give headers or an error, never bytes of another record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), bytes => {
        let headers: Headers = []
        try {
          headers = decodeHeaders(rawOf(bytes), 0)
        } catch (error) {
          expect(error).toMatchObject({ code: 'DECODE_FAILED' })
        }
        const size = headers.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
        expect(size).toBeLessThan(bytes.length)
      }),
    )
  })
})
