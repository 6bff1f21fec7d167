import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOrder } from './key-order.ts'
import { newBucket, SlotIndex } from './slot-index.ts'

/** Keys whose bytes are those of their numbers' complements, so that they are sorted backwards. */
const KEYS = 20_000
const BYTES = Buffer.alloc(KEYS * 4)
for (let key = 0; key < KEYS; key++) BYTES.writeUInt32BE(KEYS - key, key * 4)
const ORDERED = { data: BYTES, startOf: (key: number) => key * 4, sizeOf: () => 4 }
const TABLE = { orderOf: (ids: Int32Array) => keyOrder(ids, ORDERED) }
const BUCKETS = [0, 10, 2 ** 33, 2 ** 33 + 10]

/** Adds, or removes where they are there, keys in steps. */
const act = fc.record({
  bucket: fc.constantFrom(...BUCKETS.keys()),
  from: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: KEYS - 1 })),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })),
  step: fc.constantFrom(1, 2, 70),
  isAll: fc.boolean(),
})

test('finds what was added and not removed, as a map does', () => {
  const kinds = new Set<boolean>()
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), acts => {
      const index = new SlotIndex()
      index.resize(20_000)
      const buckets = BUCKETS.map(bucket => newBucket(bucket, true))
      const model = buckets.map(() => new Map<number, number>())
      let next = 0
      for (const { bucket: at, from, count, step, isAll } of acts) {
        const bucket = buckets[at] as (typeof buckets)[0]
        const entries = model[at] as Map<number, number>
        for (let key = from; key < Math.min(KEYS, from + count * step); key += step) {
          const known = entries.get(key)
          expect(index.find(bucket, key)).toBe(known ?? -1)
          if (known === undefined) {
            const slot = next++
            index.add(slot, bucket, key)
            entries.set(key, slot)
            expect([index.keyOf(slot), index.bucketOf(slot)]).toEqual([key, BUCKETS[at]])
          } else {
            index.remove(known, bucket)
            entries.delete(key)
          }
        }
        kinds.add(bucket.byKey === null)
        const slots = [...entries.values()].sort((left, right) => left - right)
        expect([...index.slotsOf(bucket)].sort((left, right) => left - right)).toEqual(slots)
        expect(bucket.size).toBe(entries.size)
        if (!isAll || count < 200) continue
        index.removeAll(bucket)
        entries.clear()
      }
      for (const [at, bucket] of buckets.entries()) {
        const keys = [...index.sorted(index.slotsOf(bucket), TABLE)].map(slot => index.keyOf(slot))
        expect(keys).toEqual([...(model[at]?.keys() ?? [])].sort((left, right) => right - left))
        for (const [key, slot] of model[at] ?? []) expect(index.find(bucket, key)).toBe(slot)
      }
    }),
  )
  expect(kinds.size).toBe(2)
})

test('forgets all of it', () => {
  const index = new SlotIndex()
  index.resize(2)
  const bucket = newBucket(1, true)
  index.add(0, bucket, 7)
  index.clear()
  expect(index.find(newBucket(1, true), 7)).toBe(-1)
})

test('the array of a bucket that is gone serves the next one, where it was worth it', () => {
  const index = new SlotIndex()
  index.resize(2_000)
  let next = 0
  const filled = (number: number, keys: number) => {
    const bucket = newBucket(number, true)
    for (let key = 0; key < keys; key++) index.add(next++, bucket, 999 - key)
    return bucket
  }
  const large = filled(1, 1_000)
  const array = large.byKey
  index.removeAll(large)
  const small = filled(2, 64)
  expect(small.byKey === array).toBe(true)
  expect([index.find(small, 935), index.find(small, 936)]).toEqual([-1, next - 1])
  index.removeAll(small)
  expect(filled(3, 64).byKey).toBe(null)
})
