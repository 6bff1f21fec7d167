import { schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseLookupOptions } from './lookup-options.ts'

const User = schema({ id: t.string(), name: t.string() })

test.each<[object, RegExp]>([
  [{ schema: User, key: ['id'], consistancy: 'one' }, /no option "consistancy"\. Did you mean/],
  [{ key: ['id'] }, /lookup needs the columns of the table/],
  [{ schema: User, key: [] }, /lookup needs the primary key/],
  [{ schema: User, key: ['ident'] }, /"ident" is not in the frame/],
  [{ schema: User, key: ['id'], columns: { nme: 'n' } }, /"nme" is not in the frame/],
  [{ schema: User, key: ['id'], concurrency: 0 }, /concurrency is a whole number from 1 on; got 0/],
  [{ schema: User, key: ['id'], consistency: 'most' }, /consistency is one, quorum/],
])('refuses %j at the line where it stands', (options, message) => {
  expect(() => parseLookupOptions(options as never)).toThrow(message)
})
