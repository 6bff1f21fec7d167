import { expect, test } from 'vitest'
import type { CellValue } from '../../batch/column.ts'
import { t } from '../../schema/data-type.ts'
import { JsonTextColumn } from './json-text-column.ts'

function column(...texts: readonly string[]): JsonTextColumn {
  const data = Buffer.from(texts.join(''))
  let end = 0
  const size = Int32Array.from(texts, text => Buffer.byteLength(text))
  const start = size.map(each => {
    end += each
    return end - each
  })
  const known: (CellValue | undefined)[] = new Array(texts.length)
  return new JsonTextColumn(t.json().nullable(), { data, start, size }, known)
}

test('gives the values of its text, whole numbers exactly', () => {
  const cells = column('1.5', '-0', '12345678901234567890', '1e400', '"é"', '"\\n"', '[1,{"a":2}]')
  expect(cells.values).toEqual([1.5, -0, 12345678901234567890n, Infinity, 'é', '\n', [1, { a: 2 }]])
  expect(column('true', 'false', 'null', '').values).toEqual([true, false, null, null])
})

test('gives the same object each time', () => {
  const cells = column('{"a":1}')
  expect(cells.get(0)).toBe(cells.get(0))
})

test('says which cells are null without reading them', () => {
  const cells = column('null', '', '0', '"null"')
  expect([0, 1, 2, 3].map(index => cells.isNull(index))).toEqual([true, true, false, false])
})
