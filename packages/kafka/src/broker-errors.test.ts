import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { brokerError, isMissing, isRefused, isUnreachable } from './broker-errors.ts'

const native = (code: number, message = 'said'): Error =>
  Object.assign(new Error(message), { code })

test.each([
  [-195, 'BROKER_UNREACHABLE', true],
  [-185, 'BROKER_UNREACHABLE', true],
  [7, 'BROKER_UNREACHABLE', true],
  [74, 'BROKER_UNREACHABLE', true],
  [3, 'TOPIC_MISSING', false],
  [-190, 'TOPIC_MISSING', false],
  [25, 'BROKER_REFUSED', true],
  [113, 'BROKER_REFUSED', true],
  [29, 'BROKER_REFUSED', false],
  [58, 'BROKER_REFUSED', false],
  [-140, 'OFFSET_OUT_OF_RANGE', false],
  [1, 'OFFSET_OUT_OF_RANGE', false],
  [9_999, 'BROKER_REFUSED', false],
])('code %d is %s, retriable %s', (code, expected, retriable) => {
  const error = brokerError('it was not done', native(code), { topic: 'shop' })
  expect(error.code).toBe(expected)
  expect(error.retriable).toBe(retriable)
  expect(error.message).toMatch(/it was not done: said \(code -?\d+\)\. [A-Z].* \(at topic shop\)/)
})

test('an error that is a plain object is told by its message', () => {
  const { message } = brokerError('it was not done', { code: 9_999, message: 'Broker: no' })
  expect(message).toContain('it was not done: Broker: no (code 9999).')
})

test('an error of Millrace stays what it is', () => {
  const error = new MillraceError('TOPIC_MISSING', 'x')
  expect(brokerError('y', error)).toBe(error)
})

test('tells apart what is unreachable, missing and refused', () => {
  expect([isUnreachable, isMissing, isRefused].map(is => is(native(-195)))).toEqual([
    true,
    false,
    false,
  ])
  expect([isUnreachable, isMissing, isRefused].map(is => is(native(3)))).toEqual([
    false,
    true,
    false,
  ])
  expect([isUnreachable, isMissing, isRefused].map(is => is(native(30)))).toEqual([
    false,
    false,
    true,
  ])
  expect([isUnreachable, isMissing, isRefused].map(is => is(undefined))).toEqual([
    false,
    false,
    false,
  ])
})
