import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import {
  readWatermarkRecord,
  type WatermarkRecord,
  writeWatermarkRecord,
} from './watermark-record.ts'

function written(record: WatermarkRecord): Buffer {
  const out = new ByteWriter()
  writeWatermarkRecord(record, out)
  return out.copy()
}

const SAMPLE: WatermarkRecord = {
  task: 2,
  taskCount: 4,
  isIdle: true,
  isFinal: false,
  watermark: 1_750_000_000_000,
  epoch: 300,
}

test('any watermark record comes back', () => {
  const records = fc.record({
    task: fc.nat(500),
    taskCount: fc.integer({ min: 501, max: 10_000 }),
    isIdle: fc.boolean(),
    isFinal: fc.boolean(),
    watermark: fc.double({ noNaN: true }),
    epoch: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(records, record => {
      expect(readWatermarkRecord(written(record))).toEqual(record)
    }),
  )
})

test('what is cut off, longer or false is refused', () => {
  const bytes = written(SAMPLE)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => readWatermarkRecord(bytes.subarray(0, size))).toThrow('FORMAT_UNKNOWN')
  }
  expect(() => readWatermarkRecord(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('the end')
  expect(() => readWatermarkRecord(written({ ...SAMPLE, task: 4 }))).toThrow('got 4 of 4')
  expect(() => readWatermarkRecord(written({ ...SAMPLE, watermark: Number.NaN }))).toThrow('NaN')
  const flags = Buffer.from(bytes)
  flags[3] = 4
  expect(() => readWatermarkRecord(flags)).toThrow('expected flags 0 to 3, got flags 4')
})
