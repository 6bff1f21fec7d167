import { describe, expect, test } from 'vitest'
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Row = schema({ k: t.string() })
const Numbered = schema({ k: t.string(), n: t.int32() })
const numbered = (n: number) => ({ value: { k: 'a', n }, timestamp: n * 1_000 })

describe('a process', () => {
  /** Counts per key in windows of ten seconds; both processes have their state on one disk. */
  function counting(driver: TestDriver, disk: SimulatedDisk, slot: string) {
    const app = new Application({ id: 'app', ...driver.options, state: disk.at(slot) })
    const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Row) })
    const to = app.topic('to', { create: { partitions: 1 } })
    app
      .dataframe(from)
      .window(tumbling('10s'))
      .agg(() => ({ n: count() }))
      .final()
      .toTopic(to)
    return { app, from, to }
  }
  const record = (timestamp: number) => ({ value: { k: 'a' }, timestamp })

  test('that slept right after its commit takes its local state for what it is', async () => {
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const [first, second] = [counting(driver, disk, 'a'), counting(driver, disk, 'b')]
    await driver.start(first.app)
    await driver.feed(first.from, [record(1_000)])
    let goOn = async (): Promise<void> => {}
    driver.broker.faults.after('end-commit', () => {
      goOn = driver.freeze(first.app)
    })
    await driver.advance('1s')
    // Another goes on with the partition, and commits more of it.
    await driver.start(second.app)
    await driver.feed(second.from, [record(2_000), record(3_000)])
    await driver.advance('2s')
    await goOn()
    driver.crash(second.app)
    await driver.advance('2s')
    expect(first.app.status().tasks).toHaveLength(1)
    await driver.feed(first.from, [record(12_000)])
    await driver.stop()
    expect(await driver.read(first.to)).toMatchObject([{ value: { n: 3 } }])
  })

  test('that slept for a day right after its commit does not trust its local state', async () => {
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const [first, second] = [counting(driver, disk, 'a'), counting(driver, disk, 'b')]
    await driver.start(first.app)
    await driver.feed(first.from, [record(1_000)])
    await driver.advance('2s')
    await driver.feed(first.from, [record(2_000)])
    let goOn = async (): Promise<void> => {}
    driver.broker.faults.after('end-commit', () => {
      goOn = driver.freeze(first.app)
    })
    await driver.advance('1s')
    // Another closes the window; a day later nothing tells any more that it was there.
    await driver.start(second.app)
    await driver.feed(second.from, [record(12_000)])
    await driver.advance('2s')
    driver.crash(second.app)
    await driver.advance('25h')
    driver.broker.compact('app.from.changelog', 0, { dropTombstones: true })
    await goOn()
    await driver.feed(first.from, [record(22_000)])
    await driver.stop()
    const windows = await driver.read(first.to)
    expect(windows.map(({ value }) => value)).toMatchObject([
      { window_start: 0, n: 2 },
      { window_start: 10_000, n: 1 },
    ])
  })
})

describe('a sink in two phases', () => {
  test('has its rows when a commit was done and was told to have failed', async () => {
    const driver = new TestDriver()
    const list = listSink<{ n: number }>()
    const started = () => {
      const app = new Application({ id: 'app', ...driver.options, guarantee: 'exactly-once' })
      const from = app.topic('from', { value: json(Numbered) })
      app.dataframe(from).sink(list)
      return { app, from }
    }
    const { app, from } = started()
    await driver.start(app)
    await driver.feed(from, [1, 2].map(numbered))
    const refusal = new MillraceError('BROKER_REFUSED', 'the client has given up.')
    driver.broker.faults.after('end-commit', () => Promise.reject(refusal))
    await expect(driver.advance('1s')).rejects.toThrow(refusal)
    await driver.start(started().app)
    await driver.feed(from, [numbered(3)])
    await driver.stop()
    expect(list.rows.map(({ n }) => n)).toEqual([1, 2, 3])
  })

  test.each(['with state', 'without'])('has every row once, a task %s', async kind => {
    for (const [point, moment] of [
      ['send-offsets', 'before'],
      ['commit', 'before'],
      ['end-commit', 'before'],
      ['end-commit', 'after'],
      ['commit', 'after'],
    ] as const) {
      const driver = new TestDriver()
      const list = listSink<{ n: number }>()
      const started = () => {
        const app = new Application({ id: 'app', ...driver.options })
        const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Numbered) })
        const frame = app.dataframe(from)
        if (kind === 'without') frame.sink(list)
        else {
          frame
            .window(tumbling('1s'))
            .agg(c => ({ n: sum(c.n) }))
            .final()
            .sink(list as never)
        }
        return { app, from }
      }
      const first = started()
      await driver.start(first.app)
      await driver.feed(first.from, [1, 2, 3].map(numbered))
      driver.broker.faults[moment](point, () => driver.crash(first.app))
      await driver.advance('1s')
      const second = started()
      const isCrashed = driver.clientOf(first.app) === null
      if (isCrashed) await driver.start(second.app)
      await driver.advance('15s')
      await driver.feed(first.from, [4, 5].map(numbered))
      await driver.stop()
      const expected = kind === 'without' ? [1, 2, 3, 4, 5] : [1, 2, 3, 4]
      expect(
        list.rows.map(({ n }) => n),
        `${moment} ${point}`,
      ).toEqual(expected)
    }
  })
})
