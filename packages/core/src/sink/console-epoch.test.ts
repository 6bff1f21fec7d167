import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { FirstRows, LatestRows } from './console-epoch.ts'

const Count = schema({ user: t.string().nullable(), window_start: t.timestamp(), n: t.int64() })
const row = (user: string | null, n: number, window_start = 0) => ({
  key: user === null ? null : Buffer.from(user),
  value: { user, window_start, n: BigInt(n) },
})
const batch = (...records: ReturnType<typeof row>[]) =>
  sourceBatch(records, Count, 'all', { name: 'test', partition: 0, firstOffset: 0 })

test('FirstRows keeps the first and counts all', () => {
  const epoch = new FirstRows(2)
  epoch.add(batch(row('a', 1)))
  epoch.add(batch(row('b', 2), row('c', 3), row('d', 4)))
  expect(epoch.count).toBe(4)
  expect(epoch.rows.map(each => each['n'])).toEqual([1n, 2n])
  expect(epoch.schema).toBe(Count)
})

describe('LatestRows', () => {
  const shown = (latest: LatestRows) => latest.rows().map(each => [each['user'], each['n']])

  test('keeps the latest row of each key, sorted', () => {
    const latest = new LatestRows(['user'], 10)
    latest.add(batch(row('b', 1), row('a', 2), row('b', 3), row(null, 4)))
    expect(shown(latest)).toEqual([
      [null, 4n],
      ['a', 2n],
      ['b', 3n],
    ])
  })

  test('sorts numbers by value', () => {
    const latest = new LatestRows(['n'], 10)
    latest.add(batch(row('a', 10), row('b', 9), row('c', -1)))
    expect(shown(latest).map(([, n]) => n)).toEqual([-1n, 9n, 10n])
  })

  test('without key columns takes the record key and the window', () => {
    const latest = new LatestRows(undefined, 10)
    latest.add(batch(row('a', 1, 0), row('a', 2, 10), row('a', 3, 0), row('b', 4, 0)))
    expect(shown(latest)).toEqual([
      ['a', 3n],
      ['a', 2n],
      ['b', 4n],
    ])
  })

  test('lets the keys go that changed longest ago', () => {
    const latest = new LatestRows(['user'], 2)
    latest.add(batch(row('a', 1), row('b', 2), row('a', 3), row('c', 4)))
    expect(shown(latest)).toEqual([
      ['a', 3n],
      ['c', 4n],
    ])
    const later = new LatestRows(['user'], 2)
    later.add(batch(row('d', 5), row('c', 6)))
    latest.merge(later)
    expect(shown(latest)).toEqual([
      ['c', 6n],
      ['d', 5n],
    ])
  })
})
