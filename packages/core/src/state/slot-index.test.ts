import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newBucket, SlotIndex } from './slot-index.ts'

/** Backwards. */
const RANKS = Int32Array.from({ length: 41 }, (_, i) => 40 - i)
const BUCKETS = [0, 10, 2 ** 33, 2 ** 33 + 10]

test('finds what was added and not removed, as a map does', () => {
  const act = fc.record({
    bucket: fc.constantFrom(...BUCKETS.keys()),
    key: fc.integer({ min: 0, max: 40 }),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), acts => {
      const index = new SlotIndex()
      index.resize(300)
      const buckets = BUCKETS.map(bucket => newBucket(bucket, true))
      const model = buckets.map(() => new Map<number, number>())
      for (const [slot, { bucket: at, key }] of acts.entries()) {
        const bucket = buckets[at] as (typeof buckets)[0]
        const entries = model[at] as Map<number, number>
        const known = entries.get(key)
        expect(index.find(bucket, key)).toBe(known ?? -1)
        if (known === undefined) {
          index.add(slot, bucket, key)
          entries.set(key, slot)
          expect([index.keyOf(slot), index.bucketOf(slot)]).toEqual([key, BUCKETS[at]])
        } else {
          index.remove(known, bucket)
          entries.delete(key)
        }
        expect([...index.slotsOf(bucket)].sort()).toEqual([...entries.values()].sort())
        expect(bucket.size).toBe(entries.size)
      }
      for (const bucket of buckets) {
        const keys = [...index.sorted(bucket, RANKS)].map(slot => index.keyOf(slot))
        expect(keys).toEqual(keys.toSorted((left, right) => right - left))
      }
      index.clear()
      for (const bucket of buckets) expect(index.find(bucket, 7)).toBe(-1)
    }),
  )
})
