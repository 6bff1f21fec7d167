import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import {
  REPARTITION_HEADER_SIZE,
  readRepartitionHeader,
  writeRepartitionHeader,
} from './repartition-header.ts'

function written(watermark: number): Buffer {
  const out = new ByteWriter()
  writeRepartitionHeader(watermark, out)
  return out.copy()
}

test.each([0, 1.75e12, -1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])(
  'the watermark %d comes back',
  watermark => {
    expect(readRepartitionHeader(written(watermark))).toBe(watermark)
    expect(written(watermark).length).toBe(REPARTITION_HEADER_SIZE)
  },
)

test('anything else is refused', () => {
  expect(() => readRepartitionHeader(new Uint8Array(0))).toThrow('FORMAT_UNKNOWN')
  expect(() => readRepartitionHeader(written(Number.NaN))).toThrow('expected a watermark, got NaN')
  expect(() => readRepartitionHeader(Buffer.concat([written(1), Buffer.of(0)]))).toThrow('the end')
  expect(() => readRepartitionHeader(Buffer.of(2, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow('version 2')
})
