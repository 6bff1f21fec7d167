import { expect, test } from 'vitest'
import { COUNT } from '../aggregate/count.ts'
import { SUM } from '../aggregate/sum.ts'
import { t } from '../schema/data-type.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { accumulatorCodec, newAccumulator } from './accumulator.ts'

const aggregators = [COUNT.create(null), SUM.create(t.float64())]
const codec = accumulatorCodec(aggregators)

function stored(): Buffer {
  const accumulator = newAccumulator(aggregators.map(aggregator => ({ aggregator })))
  accumulator.states = [
    aggregators[0]?.add(accumulator.states[0], true),
    aggregators[1]?.add(accumulator.states[1], 0.1),
  ]
  accumulator.timestamp = 42
  const out = new ByteWriter()
  codec.write(accumulator, out)
  return out.copy()
}

test('goes on from its stored form', () => {
  const bytes = new ByteReader(stored(), 'state')
  const { states, timestamp } = codec.read(bytes)
  expect(bytes.left).toBe(0)
  expect(timestamp).toBe(42)
  expect(aggregators.map((aggregator, i) => aggregator.result(states[i]))).toEqual([1, 0.1])
})

test('says whether it was told as it is, told or not', () => {
  const kept = codec.read(new ByteReader(stored(), 'state'))
  expect(kept.isTold).toBe(false)
  const out = new ByteWriter()
  codec.write({ ...kept, isTold: true }, out)
  const told = codec.read(new ByteReader(out.view(), 'state'))
  expect([told.isTold, told.timestamp]).toEqual([true, 42])
})

test('a new one has the results of nothing, and no time', () => {
  const { states, timestamp } = newAccumulator(aggregators.map(aggregator => ({ aggregator })))
  expect(aggregators.map((aggregator, i) => aggregator.result(states[i]))).toEqual([0, null])
  expect(timestamp).toBe(Number.NEGATIVE_INFINITY)
})

test('state of another plan or version is refused', () => {
  const other = accumulatorCodec([aggregators[0] as (typeof aggregators)[0]])
  expect(() => other.read(new ByteReader(stored(), 'state'))).toThrow(
    /FORMAT_UNKNOWN: .*2 aggregates.*1 or 2 with 1.*another plan/,
  )
  const newer = stored()
  newer[0] = 9
  expect(() => codec.read(new ByteReader(newer, 'state'))).toThrow('version 9')
  expect(() => codec.read(new ByteReader(stored().subarray(0, 7), 'state'))).toThrow(
    'FORMAT_UNKNOWN',
  )
})
