import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { readBigInt, writeBigInt } from './big-int-bytes.ts'

function written(value: bigint): Buffer {
  const out = new ByteWriter()
  writeBigInt(value, out)
  return out.copy()
}

test('any bigint comes back', () => {
  const limit = 2n ** 2200n
  fc.assert(
    fc.property(fc.bigInt({ min: -limit, max: limit }), value => {
      expect(readBigInt(new ByteReader(written(value), 'bigint'))).toBe(value)
    }),
  )
})

test.each([
  [0n, '00'],
  [1n, '0101'],
  [-1n, '01ff'],
  [127n, '017f'],
  [128n, '020080'],
  [-128n, '0180'],
  [-129n, '02ff7f'],
])('%d is %s', (value, hex) => {
  expect(written(value).toString('hex')).toBe(hex)
})
