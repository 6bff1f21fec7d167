import { expect, test } from 'vitest'
import { Buckets } from './buckets.ts'
import { StateMemory } from './state-memory.ts'

function filled(count: number) {
  const memory = new StateMemory(1e9)
  const gone: number[] = []
  const buckets = new Buckets<number>(memory, bucket => gone.push(bucket))
  const bucket = buckets.add(1, true)
  for (let i = 0; i < count; i++) buckets.set(bucket, `k${i}`, i)
  buckets.seal()
  buckets.kept()
  return { memory, gone, buckets, bucket }
}

test('what was used since memory was last short stays for once', () => {
  const { memory, buckets, bucket } = filled(10)
  const { usedBytes } = memory
  buckets.evict(usedBytes / 2)
  expect(bucket.entries.size).toBe(5)
  for (const key of [...bucket.entries.keys()].slice(0, 4)) buckets.get(1, key)
  const unused = [...bucket.entries.keys()].at(-1)
  buckets.evict(1)
  expect([bucket.entries.has(unused as string), bucket.entries.size]).toEqual([false, 4])
  expect(memory.usedBytes).toBe((usedBytes / 10) * 4)
})

test('a bucket that loses an entry is not whole; one that loses all is told of', () => {
  const { memory, buckets, bucket, gone } = filled(3)
  expect(bucket.isWhole).toBe(true)
  buckets.evict(1)
  expect([bucket.isWhole, gone]).toEqual([false, []])
  buckets.evict(memory.usedBytes)
  expect([gone, buckets.at(1), memory.usedBytes]).toEqual([[1], undefined, 0])
})
