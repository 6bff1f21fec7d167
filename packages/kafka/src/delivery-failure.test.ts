import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { deliveryFailure, deliveryInDoubt, isVague } from './delivery-failure.ts'

const coded = (code: number, message = 'no') => Object.assign(new Error(message), { code })

test('says where, why in words without secrets, and what to do', () => {
  const error = deliveryFailure(
    coded(29, 'user s3cret may not'),
    text => text.replace('s3cret', '…'),
    'orders',
    2,
  )
  expect(error).toMatchObject({
    code: 'DELIVERY_FAILED',
    place: { topic: 'orders', partition: 2 },
    retriable: false,
  })
  expect(error.message).toContain('user … may not. Give this user "Write" on the topic.')
})

test.each([
  [6, true],
  [7, true],
  [19, true],
  [45, true],
  [59, true],
  [-150, true],
  [3, false],
  [10, false],
  [29, false],
  [32, false],
  [87, false],
])('what failed with %i may be tried again: %s', (code, retriable) => {
  expect(deliveryFailure(coded(code), text => text).retriable).toBe(retriable)
})

test('an error of ours says itself whether it may pass', () => {
  const gone = new MillraceError('BROKER_UNREACHABLE', 'nobody answers', { retriable: true })
  const refused = new MillraceError('BROKER_REFUSED', 'no')
  expect(deliveryFailure(gone, text => text).retriable).toBe(true)
  expect(deliveryFailure(refused, text => text).retriable).toBe(false)
})

test('in doubt, it tells what was said last', () => {
  expect(deliveryInDoubt(null, 4_000).message).toContain('within 4 s; whether')
  expect(deliveryInDoubt(null, 4_000, 'too few replicas.').message).toContain(
    'within 4 s (last: too few replicas); whether',
  )
})

test('an error that only says that something failed is vague', () => {
  expect(isVague(coded(-150))).toBe(true)
  expect(isVague(coded(10))).toBe(false)
})
