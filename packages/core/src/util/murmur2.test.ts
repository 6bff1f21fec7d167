import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { murmur2, partitionOfKey } from './murmur2.ts'

describe('murmur2', () => {
  /** From `UtilsTest.testMurmur2` of Kafka. */
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %j is what Java computes', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  test('of a range is that of the bytes in it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), (before, key, after) => {
        const data = Buffer.concat([before, key, after])
        expect(murmur2(data, before.length, key.length)).toBe(murmur2(key))
      }),
    )
  })
})

describe('partitionOfKey', () => {
  test('clears the sign bit as Java does, and does not negate', () => {
    const key = Buffer.from('21')
    expect(partitionOfKey(key, 0, key.length, 7)).toBe((-973932308 & 0x7fffffff) % 7)
    expect(partitionOfKey(key, 0, key.length, 7)).not.toBe(973932308 % 7)
  })

  test('is always a partition there is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1000 }), (key, count) => {
        const partition = partitionOfKey(key, 0, key.length, count)
        expect(Number.isInteger(partition) && partition >= 0 && partition < count).toBe(true)
      }),
    )
  })
})
