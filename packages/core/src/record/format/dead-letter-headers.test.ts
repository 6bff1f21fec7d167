import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MillraceError } from '../../errors.ts'
import type { Headers } from '../headers.ts'
import { DEAD_LETTER_PREFIX, deadLetterHeaders, deadLetterInfo } from './dead-letter-headers.ts'

const PLACE = { step: 'map#3', topic: 'orders', partition: 4, offset: 12, field: 'amount' }
const header = (name: string, text: string) => ({ name, value: Buffer.from(text) })

test('say what happened and where, and are read back', () => {
  const own = [header('tenant', 'acme'), { name: 'tenant', value: null }]
  const headers = deadLetterHeaders(own, new MillraceError('OVERFLOW', 'too large.', PLACE), 'shop')
  expect(headers.slice(0, 2)).toEqual(own)
  const info = { application: 'shop', code: 'OVERFLOW', message: 'too large.', ...PLACE }
  expect(deadLetterInfo(headers)).toEqual(info)
})

test('say no position where there is none: a topic without an offset is a step', () => {
  const error = new MillraceError('OVERFLOW', 'x', { step: 'agg#2', topic: 'agg#2', partition: 0 })
  const headers = deadLetterHeaders([], error, 'shop')
  expect(deadLetterInfo(headers)).toMatchObject({ topic: null, partition: null, offset: null })
})

test('replace those of an earlier time, so that they do not pile up', () => {
  const first = deadLetterHeaders([], new MillraceError('OVERFLOW', 'first', PLACE), 'shop')
  const second = deadLetterHeaders(first, new MillraceError('NULL_KEY', 'second'), 'shop')
  expect(deadLetterInfo(second)).toMatchObject({ code: 'NULL_KEY', step: null, offset: null })
  expect(second.length).toBe(3)
})

test('are bounded and whole characters, whatever the error says', () => {
  const long = fc.string({ unit: 'binary', maxLength: 3_000 })
  fc.assert(
    fc.property(long, long, long, (text, step, field) => {
      const error = new MillraceError('FUNCTION_FAILED', text, { ...PLACE, step, field })
      const headers = deadLetterHeaders([], error, 'shop')
      const size = headers.reduce(
        (total, { name, value }) => total + name.length + (value?.length ?? 0),
        0,
      )
      expect(size).toBeLessThan(3 * 1_024)
      const { message = '' } = deadLetterInfo(headers) ?? {}
      expect(Buffer.from(text).toString().startsWith(message)).toBe(true)
    }),
  )
})

test('a record without them is no dead letter', () => {
  expect(deadLetterInfo([])).toBe(null)
  expect(
    deadLetterInfo([header('tenant', 'acme'), { name: 'millrace.error.code', value: null }]),
  ).toBe(null)
})

test('headers that others made up are read without harm', () => {
  const made = (offset: string): Headers => [
    header(`${DEAD_LETTER_PREFIX}code`, 'x'),
    header(`${DEAD_LETTER_PREFIX}__proto__`, 'x'),
    header(`${DEAD_LETTER_PREFIX}offset`, offset),
  ]
  for (const offset of ['', '-1', '1e3', '99999999999999999', '9007199254740993', 'NaN']) {
    expect(deadLetterInfo(made(offset))).toMatchObject({ code: 'x', offset: null })
  }
  expect(deadLetterInfo(made('9007199254740991'))?.offset).toBe(Number.MAX_SAFE_INTEGER)
})
