import { CompressionType } from 'apache-arrow'
import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { expect, test } from 'vitest'
import { type BodyCodec, bodyCodec, codecOfType, deflated, inflated } from './body-codec.ts'

const lz4 = bodyCodec('lz4') as BodyCodec
const zstd = codecOfType(CompressionType.ZSTD) as BodyCodec

test('bytes come back, small ones as they are', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat({ max: 100_000 }).map(size => new Uint8Array(size)),
  )
  fc.assert(
    fc.property(bytes, plain => {
      const out = inflated(lz4, deflated(lz4, plain), plain.length)
      expect(Buffer.compare(out, plain)).toBe(0)
    }),
  )
  expect(deflated(lz4, Uint8Array.of(1, 2, 3))).toEqual(
    Buffer.of(255, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3),
  )
})

test('zstd is read on every Node, and written where Node has it', () => {
  // 1,000 zeros by zstd's own program.
  const frame = Buffer.from('28b52ffd60e8024d00001000000100e32b8005', 'hex')
  const buffer = Buffer.concat([Buffer.from('e803000000000000', 'hex'), frame])
  expect(Buffer.compare(inflated(zstd, buffer, 1_000), Buffer.alloc(1_000))).toBe(0)
  expect(() => inflated(zstd, buffer, 999)).toThrow('at most 999')
})

test('bytes that lie about their size are refused before memory is taken', () => {
  const frame = compressFrameSync(Buffer.alloc(64 << 20))
  const lying = (size: number) => {
    const prefix = Buffer.alloc(8)
    prefix.writeBigInt64LE(BigInt(size))
    return Buffer.concat([prefix, frame])
  }
  expect(() => inflated(lz4, lying(1_000), 1 << 30)).toThrow('more than 1000 bytes')
  expect(() => inflated(lz4, lying(2 ** 40), 1 << 30)).toThrow('at most')
  expect(() => inflated(lz4, lying(-2), 1 << 30)).toThrow('at most')
  const rest = lying(64 << 20)
  expect(() => inflated(lz4, rest.subarray(0, 1_000), 1 << 30)).toThrow('ends too early')
  expect(() => inflated(lz4, rest.subarray(0, 4), 1 << 30)).toThrow('cut off')
  expect(() => inflated(zstd, rest, 1 << 30)).toThrow('no zstd frame')
})
