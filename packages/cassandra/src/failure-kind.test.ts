import { errors } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { failureKind, failureText, isForgotten, isOverload } from './failure-kind.ts'

const response = (code: number) => Object.assign(new errors.ResponseError(code, 'no'), { code })

test.each([
  [response(0x1001), 'retry'],
  [response(0x1100), 'retry'],
  [response(0x1000), 'retry'],
  [response(0x2200), 'refused'],
  [response(0x2100), 'fatal'],
  [new errors.OperationTimedOutError('late'), 'retry'],
  [new errors.NoHostAvailableError({}), 'retry'],
  [new errors.NoHostAvailableError({ a: new errors.AuthenticationError('no') }), 'fatal'],
  [Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'retry'],
  [new TypeError('not a text'), 'refused'],
  [new Error('what?'), 'fatal'],
])('%s is %s', (error, kind) => {
  expect(failureKind(error)).toBe(kind)
})

test('an overload is told apart, and nodes say each what they said', () => {
  expect(isOverload(response(0x1001))).toBe(true)
  expect(isOverload(response(0x2200))).toBe(false)
  const down = new errors.NoHostAvailableError({ '127.0.0.1:9042': new Error('refused') })
  const allDown = new errors.NoHostAvailableError({})
  expect(failureText(allDown)).toBe('no node answers, and none is known to be up')
  expect(failureText(down)).toBe('no node answers (127.0.0.1:9042: refused)')
})

test('a statement that a node forgot and will not prepare again is told apart', () => {
  const forgotten = new errors.NoHostAvailableError({ a: response(0x2500), b: new Error('down') })
  expect(isForgotten(forgotten)).toBe(true)
  expect(failureKind(forgotten)).toBe('retry')
  expect(isForgotten(new errors.NoHostAvailableError({ b: new Error('down') }))).toBe(false)
  expect(isForgotten(response(0x2500))).toBe(false)
})
