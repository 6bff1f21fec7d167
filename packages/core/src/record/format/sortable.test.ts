import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import {
  readSortableBigInt,
  readSortableFloat64,
  readSortableInteger,
  writeSortableFloat64,
  writeSortableInteger,
} from './sortable.ts'

function written<T>(write: (value: T, out: ByteWriter) => void, value: T): Buffer {
  const out = new ByteWriter()
  write(value, out)
  return out.copy()
}

const order = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : a > b ? 1 : 0)
const read = (bytes: Buffer): ByteReader => new ByteReader(bytes, 'number')

test('integers keep their order and come back', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
      const [x, y] = [written(writeSortableInteger, a), written(writeSortableInteger, b)]
      expect(Buffer.compare(x, y)).toBe(order(a, b))
      expect(readSortableInteger(read(x))).toBe(a === 0 ? 0 : a)
    }),
  )
})

test('bigints of 64 bits keep their order, come back, and are written as equal numbers are', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  fc.assert(
    fc.property(int64, int64, (a, b) => {
      const [x, y] = [written(writeSortableInteger, a), written(writeSortableInteger, b)]
      expect(Buffer.compare(x, y)).toBe(order(a, b))
      expect(readSortableBigInt(read(x))).toBe(a)
    }),
  )
  fc.assert(
    fc.property(fc.maxSafeInteger(), a => {
      expect(written(writeSortableInteger, BigInt(a))).toEqual(written(writeSortableInteger, a))
    }),
  )
})

test('doubles keep their order and come back', () => {
  const double = fc.double({ noNaN: true })
  fc.assert(
    fc.property(double, double, (a, b) => {
      const [x, y] = [written(writeSortableFloat64, a), written(writeSortableFloat64, b)]
      expect(Buffer.compare(x, y)).toBe(order(a, b))
      expect(readSortableFloat64(read(x))).toBe(a === 0 ? 0 : a)
    }),
  )
})

test('NaN comes last, and -0 is 0', () => {
  const nan = written(writeSortableFloat64, Number.NaN)
  expect(Buffer.compare(nan, written(writeSortableFloat64, Number.POSITIVE_INFINITY))).toBe(1)
  expect(readSortableFloat64(read(nan))).toBeNaN()
  expect(written(writeSortableFloat64, -0)).toEqual(written(writeSortableFloat64, 0))
})
