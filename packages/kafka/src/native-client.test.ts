import { expect, test } from 'vitest'
import { answerOf } from './native-client.ts'

test('an answer is what the callback was given, an error what it was given first', async () => {
  expect(await answerOf<number>(done => done(null, 7))).toBe(7)
  expect(await answerOf<number>(done => done(undefined, 7))).toBe(7)
  const error = Object.assign(new Error('no'), { code: 3 })
  await expect(answerOf<number>(done => done(error, 7))).rejects.toBe(error)
})
