import { expect, test } from 'vitest'
import { UsageError } from '../world.ts'
import { parseFetchOptions } from './fetch-command.ts'

const world = { broker: null }

test('takes seed, number of records and brokers', () => {
  expect(parseFetchOptions(['--broker', 'a:1', '--seed', '7', '--records', '50'], world)).toEqual({
    seed: 7,
    records: 50,
    settings: { 'bootstrap.servers': 'a:1' },
  })
})

test('without them there is a seed, and a broker of the run', () => {
  const broker = { bootstrap: 'b:2', bounce: async () => {} }
  const { seed, records, settings } = parseFetchOptions([], { broker })
  expect(seed).toBeGreaterThan(0)
  expect(records).toBe(2_000)
  expect(settings).toEqual({ 'bootstrap.servers': 'b:2' })
})

test('refuses what it does not understand', () => {
  expect(() => parseFetchOptions(['--records', '0', '--broker', 'a:1'], world)).toThrow(UsageError)
  expect(() => parseFetchOptions([], world)).toThrow('say where a broker listens')
})
