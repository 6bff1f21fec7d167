import { col } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseQueryOptions } from './query-options.ts'

test.each<[object, RegExp]>([
  [{ parms: {} }, /query has no option "parms"\. Did you mean "params"/],
  [{ params: { v: { add: 'n' } } }, /params\.v is a column of the frame or an expression/],
  [{ nulls: 'keep' }, /nulls is one of unset, null, refuse; got "keep"/],
  [{ tombstones: 'delete' }, /tombstones is one of refuse, ignore; got "delete"/],
  [{ concurrency: { min: 10, max: 5 } }, /concurrency\.max is a whole number from 10 on/],
  [{ rateMax: 0 }, /rateMax is a whole number from 1 on/],
])('refuses %j at the line where it stands', (options, message) => {
  expect(() => parseQueryOptions(options)).toThrow(message)
})

test('tells parameters that are renamed from those that are computed', () => {
  const label = col('label')
  const { params, computed } = parseQueryOptions({ params: { v: 'n', w: label } })
  expect([...params]).toEqual([
    ['v', 'n'],
    ['w', 'params.w'],
  ])
  expect([...computed]).toEqual([['params.w', label]])
})
