import { expect, test } from 'vitest'
import { GroupOffsets } from './group-offsets.ts'

const A0 = { topic: 'a', partition: 0 }
const A1 = { topic: 'a', partition: 1 }
const of = (partition: number, offset: number) => ({ ...A0, partition, offset, metadata: '' })

test('held offsets are pending, then there, or gone', () => {
  const offsets = new GroupOffsets()
  offsets.set(of(0, 1))
  const end = offsets.hold([of(0, 5)])
  expect([offsets.arePending([A1, A0]), offsets.arePending([A1])]).toEqual([true, false])
  expect(offsets.get('a', 0)?.offset).toBe(1)
  end(true)
  expect([offsets.get('a', 0)?.offset, offsets.arePending([A0])]).toEqual([5, false])
  offsets.hold([of(0, 9)])(false)
  expect([offsets.get('a', 0)?.offset, offsets.arePending([A0])]).toEqual([5, false])
})

test('what was said later counts, whatever is decided first', () => {
  const offsets = new GroupOffsets()
  const end = offsets.hold([of(0, 5), of(1, 5)])
  offsets.set(of(0, 2))
  end(true)
  expect([offsets.get('a', 0)?.offset, offsets.get('a', 1)?.offset]).toEqual([2, 5])
})

test('offsets are kept as they were when they came', () => {
  const offsets = new GroupOffsets()
  const mutable = of(0, 5)
  offsets.set(mutable)
  mutable.offset = 6
  expect(offsets.get('a', 0)).toEqual({ ...A0, offset: 5, metadata: '' })
})

test('an offset that expired is not there any more', () => {
  const offsets = new GroupOffsets()
  offsets.set(of(0, 1))
  offsets.set(of(1, 2))
  offsets.forget(A0)
  expect([offsets.get('a', 0), offsets.get('a', 1)?.offset]).toEqual([undefined, 2])
})
