import { type Batch, columnOf, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { tableChooser } from './choose-table.ts'

test('gives the place of the table; another name, or null, is an error of the record', () => {
  const kinds = ['refund', 'order', 'refnd', null]
  const column = columnOf(t.string().nullable(), kinds)
  const batch = { schema: schema({ kind: t.string().nullable() }), columns: [column] }
  const choose = tableChooser('kind', ['order', 'refund'])(batch as unknown as Batch)
  expect([choose(0), choose(1)]).toEqual([1, 0])
  expect(() => choose(2)).toThrow(
    'the record is for table "refnd", which is none of order, refund. Did you mean "refund"? (at column "kind")',
  )
  expect(() => choose(3)).toThrow('the record is for table null, which is none of order, refund.')
})
