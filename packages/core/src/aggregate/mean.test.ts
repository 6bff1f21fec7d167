import { expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { MEAN } from './mean.ts'

function meanOf(type: DataType, values: readonly Exclude<CellValue, null>[]): CellValue {
  const machine = MEAN.create(type)
  return machine.result(values.reduce((state, value) => machine.add(state, value), machine.init()))
}

test('the mean of every numeric type is a float64', () => {
  expect(meanOf(t.int32(), [1, 2])).toBe(1.5)
  expect(meanOf(t.int64(), [2n ** 62n, 2n ** 62n])).toBe(2 ** 62)
  expect(meanOf(t.float64(), [0.1, 0.2, 0.3])).toBe(0.2)
  expect(meanOf(t.json(), [1, 2])).toBe(1.5)
  expect(MEAN.resultType(t.int64()).toString()).toBe('float64?')
})

test('great values do not overflow, and nothing has no mean', () => {
  expect(meanOf(t.float64(), [1e308, 1e308, 1e308])).toBe(1e308)
  expect(meanOf(t.float64(), [])).toBe(null)
})

test('other types and values are refused', () => {
  expect(() => MEAN.resultType(t.timestamp())).toThrow('mean needs a column of type int32')
  expect(() => MEAN.create(t.json()).check?.(true)).toThrow('got the boolean true')
})
