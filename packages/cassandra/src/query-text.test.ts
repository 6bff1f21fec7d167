import { expect, test } from 'vitest'
import { checkQuery, showQuery } from './query-text.ts'

test.each([
  'UPDATE ks.t SET v = :v WHERE k = :k',
  ' -- a comment with ?\n insert into ks.t (k, "what?") values (:k, \'how?\')',
  'BEGIN BATCH /* ? */ DELETE FROM ks.t WHERE k = :k; APPLY BATCH',
  'UPDATE ks.t SET v = $$ really? $$ WHERE k = :k',
])('takes %j', cql => {
  expect(() => checkQuery(cql)).not.toThrow()
})

test.each([
  ['SELECT * FROM ks.t WHERE k = :k', /an INSERT, UPDATE, DELETE or BEGIN BATCH; got "SELECT/],
  ['-- UPDATE\nTRUNCATE ks.t', /got "-- UPDATE/],
  ['updated', /got "updated"/],
  [undefined, /got undefined/],
  [
    'UPDATE ks.t SET v = ? WHERE k = :k',
    /have names: write :id, not \?, in "UPDATE ks\.t SET v = \? WHERE/,
  ],
])('refuses %j at the line where it stands', (cql, message) => {
  expect(() => checkQuery(cql)).toThrow(message)
})

test('is shown in one line that one can read', () => {
  expect(showQuery('UPDATE t\n   SET v = :v')).toBe('"UPDATE t SET v = :v"')
  expect(showQuery('x'.repeat(500))).toBe(`"${'x'.repeat(120)}…"`)
})
