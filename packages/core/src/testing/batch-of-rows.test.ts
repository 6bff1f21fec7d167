import { expect, test } from 'vitest'
import { rowsOf } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { batchOfRows } from './batch-of-rows.ts'

test('rows come back as they were, missing columns as null', () => {
  const batch = batchOfRows(schema({ a: t.int32(), b: t.string().nullable() }), [
    { a: 1, b: 'x' },
    { a: 2 },
    null,
  ])
  expect([0, 1].map(rowsOf(batch))).toEqual([
    { a: 1, b: 'x' },
    { a: 2, b: null },
  ])
  expect([0, 1, 2].map(i => batch.isTombstone(i))).toEqual([false, false, true])
})

test('an open batch keeps the whole row', () => {
  const batch = batchOfRows(OPEN_SCHEMA, [{ any: [1], other: null }])
  expect(rowsOf(batch)(0)).toEqual({ any: [1], other: null })
})
