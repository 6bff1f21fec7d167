import { expect, test } from 'vitest'
import type { Row } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { PartitionFolders } from './partition-folders.ts'

const Flight = schema({
  to: t.string().nullable(),
  day: t.timestamp(),
  n: t.int64(),
  late: t.boolean(),
  delay: t.float64(),
})
const DAY = Date.UTC(2026, 0, 2)
const row = (changes: Row = {}): Row => ({
  to: 'OSL',
  day: DAY,
  n: 1n,
  late: true,
  delay: 1,
  ...changes,
})
const batchOf = (rows: readonly Row[]) =>
  sourceBatch(
    rows.map(value => ({ value })),
    Flight,
    'all',
    { name: 'test', partition: 0, firstOffset: 0 },
  )
const foldersOf = (columns: readonly string[], rows: readonly Row[]) => {
  const all = Int32Array.from(rows, (_, i) => i)
  return [...new PartitionFolders(columns).split(batchOf(rows), all)].map(
    ([folder, indices]) => [folder, ...indices] as const,
  )
}

test('rows of equal values are in one folder, in their order', () => {
  const rows = [row(), row({ to: 'BGO' }), row(), row({ day: DAY + 1 })]
  expect(foldersOf(['to', 'day'], rows)).toEqual([
    ['to=OSL/day=2026-01-02/', 0, 2],
    ['to=BGO/day=2026-01-02/', 1],
    ['to=OSL/day=2026-01-02T00%3A00%3A00.001Z/', 3],
  ])
  expect(foldersOf(['n', 'late'], [row({ n: -3n, late: false })])).toEqual([
    ['n=-3/late=false/', 0],
  ])
})

test('any text is one folder, and null is none of them', () => {
  const texts = ['Å/..', '', 'a=b c%', '.', null]
  expect(
    foldersOf(
      ['to'],
      texts.map(to => row({ to })),
    ).map(([folder]) => folder),
  ).toEqual([
    'to=%C3%85%2F../',
    'to=/',
    'to=a%3Db%20c%25/',
    'to=./',
    'to=__HIVE_DEFAULT_PARTITION__/',
  ])
  expect(() => foldersOf(['to'], [row({ to: 'x'.repeat(200) })])).toThrow('ENCODE_FAILED')
})

test('the files have the other columns', () => {
  const folders = new PartitionFolders(['to', 'late'])
  const batch = folders.without(batchOf([row()]))
  expect(batch.schema.names).toEqual(['day', 'n', 'delay'])
  expect(batch.columns.map(column => column.get(0))).toEqual([DAY, 1n, 1])
})

test('columns that make no folders are refused', () => {
  const inner = (columns: readonly string[]) => new PartitionFolders(columns).inner(Flight)
  expect(() => inner(['delay'])).toThrow('SCHEMA_MISMATCH')
  expect(() => inner(['too'])).toThrow('UNKNOWN_COLUMN')
  expect(() => inner(Flight.names.filter(name => name !== 'delay'))).not.toThrow()
  expect(() => new PartitionFolders(['a']).inner(OPEN_SCHEMA)).toThrow('SCHEMA_MISMATCH')
  const all = schema({ a: t.string() })
  expect(() => new PartitionFolders(['a']).inner(all)).toThrow('not in partitionBy')
})
