import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from './heap.ts'

const before = (left: number, right: number): boolean => left < right

test('items come out in order, whatever was pushed and popped between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: -20, max: 20 }))), steps => {
      const heap = new Heap(before)
      const model: number[] = []
      // null = pop
      for (const step of [...steps, ...steps.map(() => null)]) {
        if (step === null) expect(heap.pop()).toBe(model.shift())
        else {
          heap.push(step)
          model.push(step)
          model.sort((a, b) => a - b)
        }
        expect([heap.peek(), heap.size]).toEqual([model[0], model.length])
      }
    }),
  )
})

test('undefined is what an empty heap gives', () => {
  const heap = new Heap(before)
  expect([heap.peek(), heap.pop(), heap.size]).toEqual([undefined, undefined, 0])
})
