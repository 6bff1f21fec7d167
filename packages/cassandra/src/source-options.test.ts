import { schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseSourceOptions } from './source-options.ts'

const User = schema({ id: t.string(), joined: t.timestamp() })

test('has sensible defaults', () => {
  expect(parseSourceOptions({})).toMatchObject({
    schema: null,
    partitions: 1,
    concurrency: 4,
    pageRows: 1_000,
    retryForMs: 300_000,
    row: {},
  })
  expect(parseSourceOptions({ timestamp: 'joined', key: 'id' }).row).toEqual({
    timestamp: 'joined',
    key: 'id',
  })
})

test.each([
  [{ scheme: User }, /source has no option "scheme"\. Did you mean "schema"/],
  [{ schema: {} }, /schema is made by schema/],
  [{ columns: { id: 'user_id' } }, /columns renames columns of a schema/],
  [{ schema: User, columns: { ident: 'id' } }, /"ident"/],
  [{ partitions: 0 }, /partitions is a whole number from 1 to 1024; got 0/],
  [{ pageRows: 1.5 }, /pageRows is a whole number/],
  [{ concurrency: 1_000 }, /concurrency is a whole number from 1 to 256/],
  [{ consistency: 'serial' }, /consistency is one, quorum/],
])('refuses %j', (options, text) => {
  expect(() => parseSourceOptions(options as never)).toThrow(text)
})
