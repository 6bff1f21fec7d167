import { describe, expect, test } from 'vitest'
import type { CellValue } from '../batch/column.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { MAX } from './max.ts'
import { MIN } from './min.ts'

/** [min, max] */
function extremes(type: DataType, values: readonly Exclude<CellValue, null>[]): CellValue[] {
  return [MIN, MAX].map(aggregate => {
    const machine = aggregate.create(type)
    return machine.result(
      values.reduce((state, value) => machine.add(state, value), machine.init()),
    )
  })
}

const { NaN: NAN } = Number

describe('the least and the greatest', () => {
  test.each([
    ['numbers', t.float64(), [2, -1, 10, 3], -1, 10],
    ['bigints', t.int64(), [2n, -1n, 10n], -1n, 10n],
    ['text, by code point', t.string(), ['b', '\uffff', '😀', 'a'], 'a', '😀'],
    ['booleans', t.boolean(), [true, false], false, true],
    ['times', t.timestamp(), [5, 1], 1, 5],
    ['a NaN among numbers', t.float64(), [1, NAN, -1, 5], -1, NAN],
    ['NaN first', t.float64(), [NAN, 1], 1, NAN],
    ['only NaN', t.float64(), [NAN, NAN], NAN, NAN],
    ['infinities', t.float64(), [Number.POSITIVE_INFINITY, 1], 1, Number.POSITIVE_INFINITY],
    ['-0, which is 0', t.float64(), [-0], 0, 0],
    ['mixed json', t.json(), ['a', 1, true, 'b', 0], true, 'b'],
    ['nothing', t.float64(), [], null, null],
  ] as const)('of %s', (_, type, values, least, greatest) => {
    expect(extremes(type, values)).toEqual([least, greatest])
  })

  test('of bytes, which are copied out of the batch', () => {
    const buffer = Uint8Array.of(1, 255)
    const machine = MAX.create(t.bytes())
    const state = machine.add(
      machine.add(machine.init(), buffer.subarray(0, 1)),
      buffer.subarray(1),
    )
    buffer.fill(0)
    expect(machine.result(state)).toEqual(Uint8Array.of(255))
  })
})

test('the result may be null and is of the type of the input', () => {
  expect(MIN.resultType(t.timestamp({ unit: 's' })).toString()).toBe('timestamp?')
  expect(MIN.resultType(t.int64({ as: 'number' })).toString()).toBe('int64 as number?')
  expect(() => MIN.resultType(null)).toThrow('min needs a column')
})

test('an object of a json column has no order', () => {
  expect(() => MAX.create(t.json()).check?.([1])).toThrow(
    'TYPE_MISMATCH: max of a json column needs text, numbers or booleans; got an array of 1.',
  )
})
