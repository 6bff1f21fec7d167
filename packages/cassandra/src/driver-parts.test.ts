import { expect, test } from 'vitest'
import { partsOf, prepareHandler, sendingParts } from './driver-parts.ts'

test('the driver has them', () => {
  expect(sendingParts).not.toBe(null)
  expect(typeof prepareHandler.getPrepared).toBe('function')
})

test('where one is missing or is another thing, there are none', () => {
  const missing = () => {
    throw new Error('Cannot find module')
  }
  expect(partsOf(missing)).toBe(null)
  expect(partsOf(() => ({}))).toBe(null)
  expect(partsOf(() => null)).toBe(null)
  const whole = {
    BatchRequest: class {
      write(): void {}
    },
    DefaultExecutionOptions: { create() {} },
    send() {},
  }
  expect(partsOf(() => whole)).toMatchObject({ BatchRequest: whole.BatchRequest })
  expect(partsOf(() => ({ ...whole, send: 'changed' }))).toBe(null)
})
