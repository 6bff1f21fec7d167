import { expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { SUM } from './sum.ts'

function sumOf(type: DataType, values: readonly Exclude<CellValue, null>[]): CellValue {
  const machine = SUM.create(type)
  return machine.result(values.reduce((state, value) => machine.add(state, value), machine.init()))
}

test('whole numbers are summed exactly and keep their kind', () => {
  expect(sumOf(t.int32(), [2 ** 31 - 1, 2 ** 31 - 1])).toBe(2 ** 32 - 2)
  expect(sumOf(t.int64(), [1n, 2n])).toBe(3n)
  expect(sumOf(t.int64({ as: 'number' }), [1, 2])).toBe(3)
})

test('overflow is found in the true sum, not on the way', () => {
  const safe = t.int64({ as: 'number' })
  const max = Number.MAX_SAFE_INTEGER
  expect(sumOf(safe, [max, max, -max])).toBe(max)
  expect(() => sumOf(safe, [max, 1])).toThrow(
    'OVERFLOW: sum is 9007199254740992, beyond the whole numbers a number holds exactly. ' +
      'Sum a wider type: sum(x.as(t.int64())).',
  )
  expect(sumOf(t.int64(), [2n ** 63n - 1n, 1n, -1n])).toBe(2n ** 63n - 1n)
  expect(() => sumOf(t.int64(), [2n ** 63n - 1n, 1n])).toThrow('beyond int64')
  expect(() => sumOf(t.int64(), [-(2n ** 63n), -1n])).toThrow('sum is -9223372036854775809')
})

test('doubles are summed exactly, rounded once', () => {
  expect(sumOf(t.float64(), new Array<number>(10).fill(0.1))).toBe(1)
  expect(sumOf(t.float64(), [])).toBe(null)
})

test('a json column gives numbers or names what it gave', () => {
  const { check } = SUM.create(t.json())
  expect(sumOf(t.json(), [1, 0.5])).toBe(1.5)
  expect(check?.(1)).toBe(undefined)
  expect(() => check?.('1')).toThrow(
    'TYPE_MISMATCH: sum of a json column needs numbers; got the string "1". ' +
      'Give the column a type: .as(t.float64()).',
  )
  expect(() => check?.({})).toThrow('got an object')
})
