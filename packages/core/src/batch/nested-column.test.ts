import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { Int32Column } from './column.ts'
import { ListColumn, StructColumn } from './nested-column.ts'

const numbers = new Int32Column(t.int32(), Int32Array.of(1, 2, 3, 4), null)

test('a list is what lies between two offsets, an array of its own each time', () => {
  const column = new ListColumn(t.list(t.int32()), Int32Array.of(1, 1, 4), numbers, null)
  expect(column.length).toBe(2)
  expect([column.get(0), column.get(1)]).toEqual([[], [2, 3, 4]])
  column.get(1)?.push(5)
  expect(column.get(1)).toEqual([2, 3, 4])
})

test('where a list or a struct is null, what is in it means nothing', () => {
  const validity = Uint8Array.of(0b10)
  const list = new ListColumn(
    t.list(t.int32()).nullable(),
    Int32Array.of(0, 2, 3),
    numbers,
    validity,
  )
  expect([list.get(0), list.get(1)]).toEqual([null, [3]])
  const type = t.struct({ n: t.int32() }).nullable()
  const struct = new StructColumn(type, 2, [numbers], validity)
  expect([struct.get(0), struct.get(1)]).toEqual([null, { n: 2 }])
})

test('fields have any name', () => {
  const type = t.struct({ ['__proto__']: t.int32(), constructor: t.int32() })
  const cell = new StructColumn(type, 4, [numbers, numbers], null).get(2)
  expect(Object.entries(cell as object)).toEqual([
    ['__proto__', 3],
    ['constructor', 3],
  ])
})
