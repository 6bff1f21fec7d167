import { expect, test } from 'vitest'
import { accumulatorCodec, newAccumulator } from '../operator/accumulator.ts'
import { t } from '../schema/data-type.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { COUNT } from './count.ts'
import { MEAN } from './mean.ts'
import { isShared, twinOf } from './shared-state.ts'
import { SUM } from './sum.ts'

test('sum and mean of one column have one state, until they are stored', () => {
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
  const slots = machines.map((machine, at) => ({ ...machine, twin: twins[at] }))
  const made = newAccumulator(slots)
  expect(slots.map(({ twin }, at) => isShared(made.states, at, twin))).toEqual(
    twins.map(twin => twin !== undefined),
  )
  const all = accumulatorCodec(machines.map(({ aggregator }) => aggregator))
  const out = new ByteWriter()
  all.write(made, out)
  const { states } = all.read(new ByteReader(out.view(), 'state'))
  expect(isShared(states, 3, 1)).toBe(false)
})
