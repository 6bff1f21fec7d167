import { expect, test } from 'vitest'
import { MillraceError } from '../../errors.ts'
import { receivedError, sentError } from './process-messages.ts'

const passed = (thrown: unknown): Error => receivedError(structuredClone(sentError(thrown)))

test('an error of ours is the same in another process', () => {
  const place = { topic: 'sales', partition: 1, offset: 7 }
  const error = new MillraceError('BROKER_UNREACHABLE', 'gone.', { ...place, retriable: true })
  const received = passed(error)
  expect(MillraceError.is(received)).toBe(true)
  expect(received).toMatchObject({
    code: error.code,
    message: error.message,
    retriable: true,
    place,
  })
  expect((received.cause as Error).stack).toBe(error.stack)
})

test('another one keeps its text and shows where it was thrown', () => {
  const error = new TypeError('x is not a function')
  const received = passed(error)
  expect(received.message).toBe('x is not a function')
  expect((received.cause as Error).stack).toBe(error.stack)
  expect(passed('just text').message).toBe('just text')
})
