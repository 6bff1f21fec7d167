import { expect, test } from 'vitest'
import { col } from '../expr/col.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from './cells-of.ts'

test('a cell per row', () => {
  const rows = [{ n: 1 }, { n: 2 }]
  expect(cellsOf(col('n').add(1), schema({ n: t.int32() }), rows)).toEqual([2, 3])
})
