import { expect, test } from 'vitest'
import { parseTableOptions } from './table-options.ts'

test.each<[object, RegExp]>([
  [{ tll: '1h' }, /no option "tll"\. Did you mean "ttl"/],
  [{ ttl: '30y' }, /ttl/],
  [{ ttl: 0 }, /ttl is from 1 s to 20 years/],
  [{ nulls: 'keep' }, /nulls is one of unset, null, refuse; got "keep"/],
  [{ consistency: 'serial' }, /consistency is one, quorum/],
  [{ concurrency: { min: 10, max: 5 } }, /concurrency\.max is a whole number from 10 on/],
  [
    { columns: { n: { plus: 'm' } } },
    /columns\.n is a column of the frame or an expression over its columns, or \{ add \}/,
  ],
  [{ fence: true }, /fence is the name of a column; got true/],
  [{ key: 'id' }, /key is a list of columns/],
  [{ batchBytesMax: 0 }, /batchBytesMax is a whole number from 1 on/],
])('refuses %j at the line where it stands', (options, message) => {
  expect(() => parseTableOptions(options)).toThrow(message)
})

test('counts a TTL in whole seconds', () => {
  expect(parseTableOptions({ ttl: '30d' }).ttl).toBe(2_592_000)
  expect(parseTableOptions({ ttl: 1_500 }).ttl).toBe(2)
})
