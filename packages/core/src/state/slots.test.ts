import { expect, test } from 'vitest'
import { ValueCells } from './cells.ts'
import { Slots } from './slots.ts'
import { StateMemory } from './state-memory.ts'

const CODEC = {
  write: () => {},
  read: () => 0,
}

function filled(count: number) {
  const memory = new StateMemory(1e9)
  const gone: number[] = []
  const slots = new Slots(memory, new ValueCells<number>(CODEC), bucket => gone.push(bucket))
  const bucket = slots.buckets.add(1, true)
  for (let i = 0; i < count; i++) put(`k${i}`)
  slots.seal()
  slots.kept()
  function put(key: string): number {
    const slot = slots.change(bucket, slots.keys.atText(key))
    slots.cells.set(slot, 7)
    return slot
  }
  return { memory, gone, slots, bucket, put }
}

test('what was used since memory was last short stays for once', () => {
  const { memory, slots, bucket } = filled(10)
  const { usedBytes } = memory
  slots.evict(usedBytes / 2)
  const keys = [...slots.all()].map(slot => slots.keyOf(slot))
  expect(keys).toHaveLength(5)
  const unused = keys.pop() as number
  for (const key of keys) slots.find(bucket, key)
  slots.evict(1)
  expect([slots.find(bucket, unused), slots.size]).toEqual([-1, 4])
  expect(memory.usedBytes).toBe((usedBytes / 10) * 4)
})

test('a bucket that loses an entry is not whole; one that loses all is told of', () => {
  const { memory, slots, bucket, gone } = filled(3)
  expect(bucket.isWhole).toBe(true)
  slots.evict(1)
  expect([bucket.isWhole, gone]).toEqual([false, []])
  slots.evict(memory.usedBytes)
  expect([gone, slots.buckets.at(1), memory.usedBytes]).toEqual([[1], undefined, 0])
})

test('nothing of a bucket that is pinned is let go', () => {
  const { memory, slots, bucket } = filled(3)
  bucket.isPinned = true
  slots.evict(memory.usedBytes)
  slots.evict(memory.usedBytes)
  expect([slots.size, bucket.isWhole]).toEqual([3, true])
})

test('a slot that was let go while it was sealed is not taken for its next entry', () => {
  const { memory, slots, bucket, put } = filled(0)
  const sealed = put('a')
  slots.seal()
  slots.hide(sealed, bucket)
  slots.drop(bucket)
  const next = slots.buckets.add(1, true)
  expect(slots.change(next, slots.keys.atText('b'))).toBe(sealed)
  slots.kept()
  expect([slots.size, memory.heldBytes]).toEqual([1, memory.usedBytes])
  expect([...slots.seal()]).toEqual([sealed])
})

test('slots are used again, with the value of none before', () => {
  const { slots, bucket, put } = filled(0)
  for (let round = 0; round < 100; round++) {
    expect(put(`k${round}`)).toBeLessThan(2)
    slots.delete(bucket, slots.keys.find(`k${round}`))
    expect(slots.cells.get(0)).toBe(undefined)
  }
})

test('a key that has left its bucket, by whatever way, has a slot of its own when it comes again', () => {
  const { slots } = filled(0)
  const bucket = () => slots.buckets.at(1) ?? slots.buckets.add(1, true)
  const put = (key: string) => slots.change(bucket(), slots.keys.atText(key))
  const commit = () => {
    slots.seal()
    slots.kept()
  }
  const ways: ((slot: number) => void)[] = [
    slot => slots.delete(bucket(), slots.keyOf(slot)),
    slot => {
      slots.hide(slot, bucket())
      slots.drop(bucket())
    },
    slot => {
      commit()
      slots.delete(bucket(), slots.keyOf(slot))
      commit()
    },
    () => {
      commit()
      slots.evict(1)
    },
  ]
  for (const leave of ways) {
    put('other')
    leave(put('a'))
    const [b, a, other] = [put('b'), put('a'), put('other')]
    expect(new Set([a, b, other]).size).toBe(3)
    expect([slots.find(bucket(), slots.keys.find('a')), slots.size]).toEqual([a, 3])
    expect(put('a')).toBe(a)
    slots.drop(bucket())
    commit()
    expect(slots.size).toBe(0)
  }
})

test('a key is in as many buckets as it was put in', () => {
  const { slots, bucket, put } = filled(0)
  const other = slots.buckets.add(2, true)
  const first = put('a')
  const key = slots.keyOf(first)
  const second = slots.change(other, key)
  expect(second).not.toBe(first)
  expect([slots.change(bucket, key), slots.change(other, key)]).toEqual([first, second])
  put('b')
  slots.delete(bucket, key)
  expect(slots.change(other, key)).toBe(second)
  expect(slots.change(bucket, key)).toBe(first)
})
