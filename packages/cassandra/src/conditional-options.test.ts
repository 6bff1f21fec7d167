import { json, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseConditional } from './conditional-options.ts'

const Seat = schema({ seat: t.string(), holder: t.string().nullable() })
const parse = (options: object) => parseConditional(options as never)
const GOOD = { schema: Seat, condition: 'not exists' }

test.each<[object, RegExp]>([
  [{ ...GOOD, keep: '1m' }, /conditional has no option "keep"/],
  [{ condition: 'exists' }, /conditional needs the columns that it writes: schema:/],
  [{ ...GOOD, schema: json().schema }, /conditional needs the columns that it writes/],
  [{ schema: Seat }, /conditional needs a condition: 'not exists' or 'exists'/],
  [{ ...GOOD, condition: 'maybe' }, /condition is one of not exists, exists; got "maybe"/],
  [{ ...GOOD, columns: { holdr: 'h' } }, /UNKNOWN_COLUMN/],
  [{ ...GOOD, concurrency: 0 }, /concurrency is a whole number from 1 on/],
  [{ ...GOOD, ttl: '30y' }, /ttl/],
  [
    { ...GOOD, schema: schema({ applied: t.boolean() }) },
    /DUPLICATE_COLUMN: applied is the outcome/,
  ],
])('refuses %j at the line where it stands', (options, message) => {
  expect(() => parse(options)).toThrow(message)
})

test('finds the outcome and the row, and inserts or updates', () => {
  const { found, table } = parse({ ...GOOD, columns: { holder: 'who' }, ttl: '1h' })
  expect(found.names).toEqual(['applied', 'seat', 'holder'])
  expect(table).toMatchObject({ write: 'insert', condition: 'not exists', ttl: 3_600 })
  expect([...table.columns]).toEqual([['who', { op: 'set', from: 'holder' }]])
  expect(parse({ schema: Seat, condition: 'exists' }).table.write).toBe('update')
})
