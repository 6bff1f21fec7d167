import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { COUNT } from './count.ts'

test('counts what is added, from 0', () => {
  const machine = COUNT.create(t.string())
  expect(machine.result(machine.init())).toBe(0)
  expect(machine.result(machine.add(machine.add(machine.init(), 'a'), 'a'))).toBe(2)
  expect(COUNT.resultType(null).toString()).toBe('int64 as number')
})
