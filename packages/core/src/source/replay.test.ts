import { describe, expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { listSink } from '../sink/list-sink.ts'
import { testSource } from '../testing/conformance/source.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { fromArray } from './array-source.ts'
import { replay } from './replay.ts'
import type { Source } from './source.ts'

const Row = schema({ n: t.int32(), at: t.timestamp() })
const START = Date.UTC(2026, 0, 1)
/** At 0, 10, 20, 15 and 60 s. */
const ROWS = [0, 10, 20, 15, 60].map((second, n) => ({ n, at: START + second * 1_000 }))
const source = (partitions = 1): Source =>
  fromArray(ROWS, { schema: Row, timestamp: 'at', partitions })

testSource({ describe, test, expect }, () => replay(source(), { speed: 10 }))
testSource({ describe, test, expect }, () => {
  const paced = replay(source(), { speed: 1e6 })
  // A run in which everything is due: time passes whenever somebody looks.
  let now = 0
  const clock = { now: () => (now += 1_000), sleep: async () => {} }
  return Object.freeze<Source>({
    ...paced,
    open: (partition, position) => paced.open(partition, position, { clock }),
  })
})

test('rows are handed out when they are due, and it is said when the next is', async () => {
  const clock = new ManualClock(5_000)
  const reader = await replay(source(), { speed: 10 }).open(0, null, { clock })
  const read = async () => {
    const { records, resumeAt, position, isEnd } = await reader.read(10)
    return [records.map(({ value }) => value['n']), resumeAt, position, isEnd]
  }
  expect(await read()).toEqual([[0], 6_000, '1', false])
  expect(await read()).toEqual([[], 6_000, '1', false])
  await clock.advance(999)
  expect(await read()).toEqual([[], 6_000, '1', false])
  await clock.advance(1)
  expect(await read()).toEqual([[1], 7_000, '2', false])
  // The fourth happened before the third: it comes right behind it.
  await clock.advance(1_000)
  expect(await read()).toEqual([[2, 3], 11_000, '4', false])
  await clock.advance(60_000)
  expect(await read()).toEqual([[4], undefined, '5', true])
  await reader.close()
})

test('goes on from a position, where the first row left is due at once', async () => {
  const clock = new ManualClock()
  const reader = await replay(source(), { speed: 1 }).open(0, '3', { clock })
  expect(await reader.read(10)).toMatchObject({ records: [{ value: { n: 3 } }], resumeAt: 45_000 })
})

test('partitions keep pace with each other, runs do not', async () => {
  const clock = new ManualClock()
  const paced = replay(source(2), { speed: 1 })
  const run = { clock }
  const [even, odd] = [await paced.open(0, null, run), await paced.open(1, null, run)]
  expect((await even.read(10)).records).toHaveLength(1)
  expect(await odd.read(10)).toMatchObject({ records: [], resumeAt: 10_000 })
  const other = await paced.open(1, null, { clock })
  expect((await other.read(10)).records).toHaveLength(1)
})

test('a bad row comes after the good ones before it, and can be passed', async () => {
  const rows = [ROWS[0], ROWS[1], { n: 'x', at: START }, ROWS[2]] as object[]
  const bad = fromArray(rows, { schema: Row, timestamp: 'at' })
  const clock = new ManualClock()
  const reader = await replay(bad, { speed: 10_000 }).open(0, null, { clock })
  await reader.read(10)
  await clock.advance(1_000)
  expect((await reader.read(10)).records).toHaveLength(1)
  await expect(reader.read(10)).rejects.toThrow('DECODE_FAILED: row 2 of the array')
  await reader.skipBad?.()
  expect(await reader.read(10)).toMatchObject({ records: [{ value: { n: 2 } }], isEnd: true })
})

test('rows without a time cannot be replayed', async () => {
  const reader = await replay(fromArray(ROWS), { speed: 2 }).open(0, null, {
    clock: new ManualClock(),
  })
  await expect(reader.read(1)).rejects.toThrow(
    "Give the source its timestamp: { timestamp: 'column' }",
  )
})

test('at infinite speed it is the source itself; other speeds are refused', () => {
  const plain = source()
  expect(replay(plain)).toBe(plain)
  for (const speed of [0, -1, Number.NaN, '2' as never]) {
    expect(() => replay(plain, { speed })).toThrow('speed must be a number above 0')
  }
})

describe('in a run', () => {
  function running(speed: number) {
    const driver = new TestDriver()
    const app = new Application({ id: 'replay', ...driver.options })
    const list = listSink<{ n: number }>()
    app.dataframe(replay(source(), { speed })).sink(list)
    return { driver, app, seen: () => list.rows.map(row => row.n) }
  }

  test('rows come as the clock goes, and the run waits without turning', async () => {
    const { driver, app, seen } = running(2)
    await driver.start(app, { until: 'end' })
    await driver.advance('3s')
    expect(seen()).toEqual([0])
    await driver.advance('4s')
    expect(seen()).toEqual([0, 1])
    await driver.advance('1m')
    expect(seen()).toEqual([0, 1, 2, 3, 4])
    await driver.stop()
  })

  test('a run that is stopped stops at once', async () => {
    const { driver, app, seen } = running(0.001)
    await driver.start(app)
    const before = driver.clock.now()
    await driver.stop()
    expect([seen(), driver.clock.now() - before]).toEqual([[0], 0])
  })
})

test('reads all rows, wanted or not: the first one begins the time', async () => {
  const asked: unknown[] = []
  const asking: Source = {
    ...source(),
    open: (partition, position, context) => {
      asked.push(context?.wanted)
      return source().open(partition, position, context)
    },
  }
  const wanted = [[{ column: 'n', is: 'gt' as const, value: 2 }]]
  const reader = await replay(asking, { speed: 10 }).open(0, null, {
    clock: new ManualClock(),
    wanted,
  })
  await reader.close()
  expect(asked).toEqual([undefined])
})
