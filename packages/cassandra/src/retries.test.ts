import { MillraceError } from '@millrace/core'
import { ManualClock } from '@millrace/core/testing'
import { errors } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { Retries } from './retries.ts'

function open(retryForMs = 60_000) {
  const clock = new ManualClock()
  const warnings: string[] = []
  const failed = (cause: unknown) => new MillraceError('LOOKUP_FAILED', 'over', { cause })
  const retries = new Retries({ clock, retryForMs, warn: text => warnings.push(text), failed })
  /** Lets pauses pass until the promise has settled. */
  const pass = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    while (!isSettled) {
      await new Promise(resolve => setImmediate(resolve))
      if (!isSettled) await clock.advance(5_000)
    }
    return promise
  }
  return { retries, warnings, pass }
}

const away = () => new errors.NoHostAvailableError({})

test('asks again until there is an answer, and tells what it waits for', async () => {
  const { retries, warnings, pass } = open()
  const told: (string | null)[] = []
  let tries = 0
  const answer = await pass(
    retries.until(async () => {
      told.push(retries.waitsFor)
      if (++tries < 4) throw away()
      return 'here'
    }),
  )
  expect(answer).toBe('here')
  expect(told[0]).toBeNull()
  expect(told[3]).toMatch(/^Cassandra cannot be reached: no node answers/)
  expect(retries.waitsFor).toBeNull()
  expect(warnings.length).toBeLessThan(tries)
})

test('gives up in the end; what cannot pass ends it at once', async () => {
  const { retries, pass } = open(20_000)
  const over = pass(retries.until(() => Promise.reject(away())))
  await expect(over).rejects.toMatchObject({ code: 'LOOKUP_FAILED', text: 'over' })
  let tries = 0
  const refused = retries.until(() => {
    tries++
    return Promise.reject(new errors.AuthenticationError('no'))
  })
  await expect(refused).rejects.toMatchObject({ code: 'LOOKUP_FAILED' })
  expect(tries).toBe(1)
})
