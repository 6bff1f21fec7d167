import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter } from '../../util/byte-writer.ts'
import { MARKER_KEY, readStateKey, storeOfKey, writeStateKey } from './state-key.ts'

function written(store: number, windowEnd: number, groupKey: Uint8Array): Buffer {
  const out = new ByteWriter()
  writeStateKey(store, windowEnd, groupKey, out)
  return out.copy()
}

const ends = fc.maxSafeInteger().map(end => end + 0)

test('any state key comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), ends, fc.uint8Array(), (store, end, key) => {
      const bytes = written(store, end, key)
      const got = readStateKey(bytes)
      expect([got.store, got.windowEnd]).toEqual([store, end])
      expect(Uint8Array.from(got.groupKey)).toEqual(key)
      expect(storeOfKey(bytes)).toBe(store)
    }),
  )
})

test('keys of a store are in the order of window end, then group key', () => {
  fc.assert(
    fc.property(ends, fc.uint8Array(), ends, fc.uint8Array(), (end1, key1, end2, key2) => {
      const expected = Math.sign(end1 - end2) || Buffer.compare(key1, key2)
      expect(Buffer.compare(written(3, end1, key1), written(3, end2, key2))).toBe(expected)
    }),
  )
})

test('the key of the marker is no key of a store', () => {
  expect(storeOfKey(MARKER_KEY)).toBe(0)
  expect(() => readStateKey(MARKER_KEY)).toThrow('expected a store from 1, got store 0')
})

test('a key that is cut off is refused', () => {
  expect(() => readStateKey(written(1, 5, new Uint8Array(0)).subarray(0, 5))).toThrow(
    'FORMAT_UNKNOWN',
  )
  expect(() => storeOfKey(new Uint8Array(0))).toThrow('FORMAT_UNKNOWN')
})
