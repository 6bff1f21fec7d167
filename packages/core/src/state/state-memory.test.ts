import { expect, test } from 'vitest'
import { StateMemory, shareMemory } from './state-memory.ts'

test('trims below the bound, one store after the other, and only when it is exceeded', () => {
  const memory = new StateMemory(100)
  const asked: string[] = []
  const store = (name: string, has: number) => ({
    evict: (bytes: number) => {
      const gone = Math.min(has, bytes)
      has -= gone
      memory.use(-gone)
      asked.push(`${name} ${gone}`)
    },
  })
  memory.join(store('a', 10))
  memory.join(store('b', 1_000))
  memory.join(store('c', 1_000))
  memory.use(100)
  memory.trim()
  expect([asked, memory.evictions]).toEqual([[], 0])
  memory.use(20)
  memory.trim()
  expect(asked).toEqual(['a 10', 'b 20'])
  expect([memory.usedBytes, memory.evictions]).toEqual([90, 1])
})

test('what is held makes the run commit, then stop reading', () => {
  const memory = new StateMemory(100)
  const told = () => [memory.wantsCommit, memory.isFull]
  memory.hold(24)
  expect(told()).toEqual([false, false])
  memory.hold(1)
  expect(told()).toEqual([true, false])
  memory.hold(25)
  expect(told()).toEqual([true, true])
  memory.hold(-50)
  expect([memory.heldBytes, ...told()]).toEqual([0, false, false])
})

test('a store that has left is not asked', () => {
  const memory = new StateMemory(1)
  const store = {
    evict: () => {
      throw new Error('asked')
    },
  }
  memory.join(store)
  memory.leave(store)
  memory.use(2)
  memory.trim()
  expect(memory.usedBytes).toBe(2)
})

test('a bound is shared by objects and backend, and more than half of it is left free', () => {
  expect(shareMemory(1_000)).toEqual({ live: 250, unwritten: 62, backend: 166 })
  expect(shareMemory(1)).toEqual({ live: 1, unwritten: 0, backend: 0 })
})
