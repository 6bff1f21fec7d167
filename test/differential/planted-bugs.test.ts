/**
 * The differential finds what it is there to find: bugs planted into the engine, one at a time, by
 * wrapping its machines from outside. Each is reported within a few seeds.
 */
import { afterEach, expect, test, vi } from 'vitest'
import type { Batch } from '../../packages/core/src/batch/batch.ts'
import type { CellValue } from '../../packages/core/src/batch/column.ts'
import type { Output } from '../../packages/core/src/operator/operator.ts'
import { RepartitionOperator } from '../../packages/core/src/operator/repartition.ts'
import { StageOperator } from '../../packages/core/src/operator/stage.ts'
import { WindowAggregateOperator } from '../../packages/core/src/operator/window-aggregate.ts'
import { UpstreamClock } from '../../packages/core/src/runtime/upstream-clock.ts'
import { compare } from '../../packages/verify/src/engine/pipelines/differential.ts'
import { modesOf } from '../../packages/verify/src/engine/pipelines/modes.ts'

type Evaluate = typeof import('../../packages/core/src/expr/evaluate.ts')

/** What a null cell of an expression counts as; undefined = null, as it should. */
const planted = vi.hoisted(() => ({ nullAs: undefined as number | boolean | undefined }))

vi.mock('../../packages/core/src/expr/evaluate.ts', async original => {
  const real = await original<Evaluate>()
  const evaluator: Evaluate['evaluator'] = expr => {
    const bind = real.evaluator(expr)
    const isMeant =
      planted.nullAs === true
        ? expr.kind === 'call' && expr.type.kind === 'boolean'
        : ['int32', 'float64'].includes(expr.type.kind)
    if (planted.nullAs === undefined || !isMeant) return bind
    return batch => {
      const read = bind(batch)
      return index => read(index) ?? (planted.nullAs as CellValue)
    }
  }
  return { ...real, evaluator }
})

const SEEDS = 60

/** Disks and crashes take long, and none of these bugs is about them. */
const inMemory: typeof modesOf = (seed, partitions) =>
  modesOf(seed, partitions).map(mode => ({ ...mode, state: 'memory', isCrashing: false }))

/** What the differential reports of the first seed that shows the bug. */
async function found(): Promise<string> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { difference } = await compare(seed, { modes: inMemory })
    if (difference !== null) return difference
  }
  return 'nothing'
}

afterEach(() => {
  vi.restoreAllMocks()
  planted.nullAs = undefined
})

test('without a planted bug it finds nothing in the first seeds', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    expect(await compare(seed, { modes: inMemory })).toMatchObject({ difference: null })
  }
})

test('a selection that is off by one', async () => {
  const { process } = StageOperator.prototype
  const shifted = (batch: Batch): Batch => {
    const selection = batch.selection?.map(index => Math.min(index + 1, batch.length - 1)) ?? null
    return batch.with({ selection })
  }
  vi.spyOn(StageOperator.prototype, 'process').mockImplementation(function (
    this: StageOperator,
    batch: Batch,
    output: Output,
  ) {
    const emit = (made: Batch): void => output.emit(shifted(made))
    process.call(this, batch, { ...output, emit })
  })
  expect(await found()).toMatch(/records missing|counters are|the run failed/)
})

test('null as zero', async () => {
  planted.nullAs = 0
  expect(await found()).toMatch(/records missing/)
})

test('a comparison with null as true', async () => {
  planted.nullAs = true
  expect(await found()).toMatch(/records missing|not expected/)
})

test('watermark records that are not written', async () => {
  vi.spyOn(RepartitionOperator.prototype, 'endEpoch').mockImplementation(() => {})
  expect(await found()).toMatch(/records missing/)
})

test('watermarks that are not forwarded: upstream tasks say nothing of their time', async () => {
  const { advance } = RepartitionOperator.prototype
  vi.spyOn(RepartitionOperator.prototype, 'advance').mockImplementation(function (
    this: RepartitionOperator,
  ) {
    return advance.call(this, Number.NEGATIVE_INFINITY)
  })
  expect(await found()).toMatch(/records missing/)
})

test('watermarks that come too early: the end of time at once', async () => {
  const { advance } = RepartitionOperator.prototype
  vi.spyOn(RepartitionOperator.prototype, 'advance').mockImplementation(function (
    this: RepartitionOperator,
  ) {
    return advance.call(this, Number.POSITIVE_INFINITY)
  })
  expect(await found()).toMatch(/records missing|counters are/)
})

test('time by the fastest upstream task instead of the slowest', async () => {
  vi.spyOn(UpstreamClock.prototype, 'watermark', 'get').mockImplementation(function (
    this: UpstreamClock,
  ) {
    return this.greatestWatermark
  })
  expect(await found()).toMatch(/4 partitions/)
})

test("lateness by the task's minimum instead of the record's own partition", async () => {
  const { process, advance } = WindowAggregateOperator.prototype
  const reached = new WeakMap<WindowAggregateOperator, number>()
  vi.spyOn(WindowAggregateOperator.prototype, 'advance').mockImplementation(function (
    this: WindowAggregateOperator,
    watermark: number,
    output: Output,
  ) {
    reached.set(this, watermark)
    return advance.call(this, watermark, output)
  })
  vi.spyOn(WindowAggregateOperator.prototype, 'process').mockImplementation(function (
    this: WindowAggregateOperator,
    batch: Batch,
    output: Output,
  ) {
    const watermark = reached.get(this) ?? Number.NEGATIVE_INFINITY
    const watermarks = new Float64Array(batch.length).fill(watermark)
    process.call(this, batch.with({ records: { ...batch.records, watermarks } }), output)
  })
  expect(await found()).toMatch(/records missing|counters are/)
})
