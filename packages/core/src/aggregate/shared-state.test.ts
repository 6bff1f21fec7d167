import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { COUNT } from './count.ts'
import { MEAN } from './mean.ts'
import { twinOf } from './shared-state.ts'
import { SUM } from './sum.ts'

test('sum and mean of one column have one state', () => {
  const machines = [
    { aggregator: COUNT.create(t.float64()), column: 'a' },
    { aggregator: SUM.create(t.float64()), column: 'a' },
    { aggregator: MEAN.create(t.float64()), column: 'b' },
    { aggregator: MEAN.create(t.float64()), column: 'a' },
    { aggregator: MEAN.create(t.float64()), column: null },
    { aggregator: MEAN.create(t.int32()), column: 'a' },
  ]
  const twins = machines.map((_, at) => twinOf(machines, at))
  expect(twins).toEqual([undefined, undefined, undefined, 1, undefined, undefined])
})
