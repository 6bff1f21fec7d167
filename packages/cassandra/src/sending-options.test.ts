import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { sendingOf } from './sending-options.ts'

test('what is not said has its default', () => {
  expect(sendingOf({})).toEqual({
    consistency: types.consistencies.localQuorum,
    concurrency: { min: 1, max: 256 },
    bufferBytesMax: 16 * 1024 * 1024,
    rateMax: Number.POSITIVE_INFINITY,
    retryForMs: 300_000,
  })
})

test('what is out of range is refused, with its name', () => {
  expect(() => sendingOf({ rateMax: 0 })).toThrow('rateMax is a whole number from 1 on; got 0')
  expect(() => sendingOf({ bufferBytesMax: 0.5 })).toThrow('bufferBytesMax is a whole number')
  expect(() => sendingOf({ concurrency: { min: 8, max: 4 } })).toThrow('concurrency.max')
  expect(() => sendingOf({ consistency: 'serial' as 'one' })).toThrow('consistency is one')
})
