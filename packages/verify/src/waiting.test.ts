import { expect, test } from 'vitest'
import { StuckError, until } from './waiting.ts'

const signal = new AbortController().signal

test('comes back when the condition holds', async () => {
  let looks = 0
  await until(() => ++looks === 3, { timeoutMs: 60_000, signal, what: () => '' })
  expect(looks).toBe(3)
})

test('says what did not happen', async () => {
  const what = () => 'it rains'
  const wait = until(() => false, { timeoutMs: 0, signal, what })
  await expect(wait).rejects.toThrow(StuckError)
  await expect(wait).rejects.toThrow('in vain until it rains')
})

test('ends with the reason of the signal', async () => {
  const stop = new AbortController()
  const wait = until(() => false, { timeoutMs: 60_000, signal: stop.signal, what: () => '' })
  stop.abort(new Error('stopped by SIGINT'))
  await expect(wait).rejects.toThrow('stopped by SIGINT')
})
