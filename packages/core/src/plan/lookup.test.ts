import { expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import type { LookupDefinition } from '../lookup/lookup.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'

const User = schema({ id: t.string(), name: t.string(), age: t.int32() })
const users: LookupDefinition<typeof User.row> = {
  name: 'users',
  schema: User,
  key: [{ name: 'id', type: t.string() }],
  create: () => {
    throw new Error('not here')
  },
}
const Sale = schema({ user: t.string(), n: t.int32(), name: t.string() })
const app = new Application({ id: 'shop' })
const sales = app.dataframe(app.topic('sales', { value: json(Sale) }))

test('columns that are found may be null, and come last', () => {
  const frame = sales.lookup(users, 'user', { user_name: 'name', age: 'age' })
  expect(`${frame.schema}`).toBe(
    '{user: string, n: int32, name: string, user_name: string?, age: int32?}',
  )
})

test('the plan tells where columns come from, and only what is needed is read', () => {
  const frame = sales.lookup(users, 'user', { user_name: 'name' }).select('user_name')
  expect(frame.explain()).toBe(
    'sub-topology 0: topic sales (json), reads user\n' +
      '  lookup#1: user_name = name from users by user, 10000 rows kept for 1m\n' +
      '  select#2: user_name\n' +
      '  collect#3: sink',
  )
})

test.each<[string, () => unknown, RegExp]>([
  ['a column that is there', () => sales.lookup(users, 'user', ['name']), /"name" stands twice/],
  [
    'a column that the table has not',
    () => sales.lookup(users, 'user', ['nme' as 'name']),
    /"nme" is not in the frame; columns are id, name, age\. Did you mean "name"/,
  ],
  [
    'a key of another type',
    () => sales.lookup(users, 'n', ['age']),
    /lookup by "n" \(int32\): the key of users is id \(string\)/,
  ],
  [
    'more columns than the key has',
    () => sales.lookup(users, ['user', 'n'], ['age']),
    /a column for each of the key of users: id \(string\); got 2/,
  ],
  ['no column', () => sales.lookup(users, 'user', []), /needs a column that it is to add/],
  [
    'no table',
    () => sales.lookup({} as LookupDefinition<{ age: number }>, 'user', ['age']),
    /lookup needs a table/,
  ],
  [
    'a cache of no rows',
    () => sales.lookup(users, 'user', ['age'], { rowsMax: 0 }),
    /rowsMax of lookup is a whole number from 1 on; got 0/,
  ],
])('refuses %s at its line', (_, act, message) => {
  expect(act).toThrow(message)
})
