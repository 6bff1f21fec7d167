import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { col } from './col.ts'

test('a column by name, in any frame that has it', () => {
  const large = col<number>('amount').gt(50)
  expect(cellsOf(large, schema({ amount: t.float64() }), [{ amount: 51 }])).toEqual([true])
  expect(cellsOf(large, schema({ amount: t.int64() }), [{ amount: 50n }])).toEqual([false])
})

test('takes a name', () => {
  expect(() => col(undefined as never)).toThrow(
    'INVALID_ARGUMENT: col takes the name of a column; got nothing.',
  )
})
