import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { closeInTurn } from './close-in-turn.ts'

test('takes every step in order, and throws the first failure when all were taken', async () => {
  const taken: number[] = []
  const step = (n: number, failure?: unknown) => async () => {
    taken.push(n)
    if (failure !== undefined) throw failure
  }
  await closeInTurn([step(1), step(2)])
  const first = new MillraceError('SINK_FAILED', 'first.')
  const closing = closeInTurn([step(3), step(4, first), step(5, new Error('second')), step(6)])
  await expect(closing).rejects.toBe(first)
  expect(taken).toEqual([1, 2, 3, 4, 5, 6])
})

test('makes a failure of others one of ours', async () => {
  const closing = closeInTurn([() => Promise.reject(new Error('disk'))])
  await expect(closing).rejects.toMatchObject({ code: 'INTERNAL', cause: new Error('disk') })
})
