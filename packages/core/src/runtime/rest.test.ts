import { expect, test } from 'vitest'
import { Rest } from './rest.ts'

function open(): { readonly promise: Promise<void>; readonly settle: () => void } {
  let settle: () => void = () => {}
  const promise = new Promise<void>(resolve => {
    settle = resolve
  })
  return { promise, settle }
}

test('is reached while the loop waits, and the restores too where there are any', async () => {
  const rest = new Rest()
  const [loop, restores] = [open(), open()]
  expect(rest.isReached(false)).toBe(false)
  const waits = rest.waiting(loop.promise)
  expect([rest.isReached(false), rest.isReached(true)]).toEqual([true, false])
  const beside = rest.waitingBeside(restores.promise)
  expect(rest.isReached(true)).toBe(true)
  restores.settle()
  await beside
  expect([rest.isReached(true), rest.isReached(false), rest.turns]).toEqual([false, true, 1])
  loop.settle()
  await waits
  expect([rest.isReached(false), rest.turns]).toEqual([false, 2])
})
