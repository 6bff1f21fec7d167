import { expect, test } from 'vitest'
import { floatAggregator, integerAggregator } from './sum-aggregator.ts'

test('the result is asked for only when something was added', () => {
  for (const machine of [floatAggregator('sum'), integerAggregator('sum', () => 7)]) {
    expect(machine.result(machine.init() as never)).toBe(null)
    expect(machine.result(machine.add(machine.init() as never, 7) as never)).toBe(7)
  }
})

test('merging gives the left state, which holds both', () => {
  const machine = integerAggregator('sum', sum => sum.total())
  const left = machine.add(machine.init(), 2)
  expect(machine.result(machine.merge(left, machine.add(machine.init(), 3n)))).toBe(5n)
})
