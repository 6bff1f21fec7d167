import { expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'
import { deadLetterHeaders } from '../record/format/dead-letter-headers.ts'
import { plainRecord } from '../transport/plain-record.ts'
import { deadLetterOf } from './dead-letter.ts'

test('a dead letter has every part of its record, nulls too, and what happened', () => {
  const error = new MillraceError('OVERFLOW', 'too large.', { step: 'map#1' })
  const headers = [{ name: 'a', value: Buffer.from('b') }]
  for (const [key, value] of [
    [null, Buffer.of(0, 255)],
    [Buffer.alloc(0), null],
  ]) {
    const record = { key, value, timestamp: 5, headers } as const
    const letter = deadLetterOf(record as never, error, 'dead', 'shop')
    expect([letter.topic, letter.partitions, letter.count]).toEqual(['dead', null, 1])
    const all = deadLetterHeaders(headers, error, 'shop')
    expect(plainRecord(letter, 0)).toEqual({ ...record, headers: all })
  }
})
