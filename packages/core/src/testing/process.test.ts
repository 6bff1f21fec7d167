/**
 * Steps with state, timers and time to live, from outside: records in, rows out, restarts in
 * between.
 */
import { describe, expect, test } from 'vitest'
import { count } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { ApplicationOptions } from '../api/application-options.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import type { ProcessContext, Timer } from '../state/process-context.ts'
import {
  listState,
  mapState,
  type StateDeclaration,
  type ValueState,
  valueState,
} from '../state/state-declaration.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Visit = schema({ user: t.string(), page: t.string(), n: t.int32() })
type StepContext = ProcessContext<
  { user: string },
  { n: StateDeclaration<ValueState<number>> },
  { user: string; n: number; what: string }
>

const Told = schema({ user: t.string(), what: t.string() })

/** Pages of a visit that ends after ten seconds without a page; other users take turns in it. */
function visits(driver: TestDriver, options: Partial<ApplicationOptions> = {}, isKeyed = true) {
  const app = new Application({ id: 'visits', ...driver.options, ...options })
  const time = { value: json(Visit), disorder: '2s' } as const
  const from = isKeyed
    ? app.topic('from', { ...time, key: string(), keyColumn: 'user' })
    : app.topic('from', time)
  const to = app.topic('to', { key: string(), value: json(Told), create: { partitions: 1 } })
  app
    .dataframe(from)
    .groupBy('user')
    .process({
      name: 'visits',
      state: {
        pages: listState(t.string()),
        seen: mapState(t.string(), t.int32()),
        total: valueState(t.int32()),
      },
      schema: Told,
      row(row, { state, timers, timestamp, emit }) {
        state.pages.push(row.page)
        state.seen.set(row.page, (state.seen.get(row.page) ?? 0) + 1)
        state.total.set((state.total.get() ?? 0) + row.n)
        timers.event('end', timestamp + 10_000)
        if (row.n % 5 === 0) emit({ what: `at ${timestamp}: ${state.total.get()}` })
      },
      timer(timer, { state, emit }) {
        const seen = state.seen.entries().map(([page, times]) => `${page}*${times}`)
        emit({ what: `${timer.at}: ${state.pages.values()} ${seen} ${state.total.get()}` })
        state.pages.clear()
      },
    })
    .toTopic(to)
  return { app, from, to }
}

const records = Array.from({ length: 200 }, (_, i) => ({
  value: { user: `u${(i * 7) % 5}`, page: `p${i % 4}`, n: i },
  timestamp: i * 700 - (i % 3) * 900 + (i % 40 === 0 ? 9_000 : 0),
}))

/** Everything told of one user, in order. */
function byUser(read: readonly { value: { user: string; what: string } | null }[]) {
  const users = new Map<string, string[]>()
  for (const { value } of read) {
    if (value !== null) users.set(value.user, [...(users.get(value.user) ?? []), value.what])
  }
  return new Map([...users].sort())
}

async function straight(options: Partial<ApplicationOptions>, isKeyed = true) {
  const driver = new TestDriver()
  const { app, from, to } = visits(driver, options, isKeyed)
  await driver.start(app)
  await driver.feed(from, records)
  await driver.advance('60s')
  await driver.stop()
  return driver.read(to)
}

describe('process', () => {
  test('gives the same however its input is cut into batches', async () => {
    const expected = await straight({ batchRecordsMax: 1024 })
    expect(expected.length).toBeGreaterThan(40)
    for (const batchRecordsMax of [1, 7]) {
      expect(await straight({ batchRecordsMax })).toEqual(expected)
    }
  })

  test('shows what it keeps for each key', async () => {
    const driver = new TestDriver()
    const { app, from } = visits(driver)
    await driver.start(app)
    await driver.feed(from, records.slice(1, 4))
    expect(await driver.state('visits')).toEqual([
      { user: 'u1', pages: ['p3'], seen: [['p3', 1]], total: 3 },
      { user: 'u2', pages: ['p1'], seen: [['p1', 1]], total: 1 },
      { user: 'u4', pages: ['p2'], seen: [['p2', 1]], total: 2 },
    ])
    await driver.stop()
  })

  test('gives the same behind an internal topic that one task fills', async () => {
    const expected = byUser(await straight({}))
    for (const batchRecordsMax of [1, 1024]) {
      expect(byUser(await straight({ batchRecordsMax }, false))).toEqual(expected)
    }
  })

  test.each(['at-least-once', 'exactly-once'] as const)(
    'goes on after crashes and restarts as if there had been none, %s',
    async guarantee => {
      const expected = byUser(await straight({}))
      const driver = new TestDriver()
      const disk = new SimulatedDisk()
      const parts = Array.from({ length: 10 }, (_, i) => records.slice(i * 20, i * 20 + 20))
      let ends: 'crash' | 'stop' = 'stop'
      for (const part of parts) {
        const { app, from } = visits(driver, { state: disk.at('a'), guarantee })
        await driver.start(app)
        await driver.feed(from, part)
        await driver.advance('1s')
        if (ends === 'crash') driver.crash(app)
        else await driver.stop()
        ends = ends === 'crash' ? 'stop' : 'crash'
        await driver.advance('15s')
      }
      const { app, to } = visits(driver, { state: disk.at('a'), guarantee })
      await driver.start(app)
      await driver.advance('90s')
      await driver.stop()
      expect(byUser(await driver.read(to))).toEqual(expected)
    },
  )

  test('gives each key to one of several processes, which take over from each other', async () => {
    const driver = new TestDriver({ partitions: 4 })
    const [one, two] = [visits(driver, {}, false), visits(driver, {}, false)]
    await driver.start(one.app)
    await driver.feed(one.from, records.slice(0, 100))
    await driver.start(two.app)
    await driver.advance('2s')
    await driver.feed(one.from, records.slice(100, 150))
    await driver.advance('2s')
    driver.crash(one.app)
    await driver.advance('15s')
    await driver.feed(one.from, records.slice(150))
    await driver.advance('60s')
    await driver.stop()
    const told = byUser(await driver.read(one.to))
    const pages = (user: string) => records.filter(({ value }) => value.user === user).length
    for (const [user, whats] of told) {
      // The pages of the visits that ended are all pages there were, each once.
      const listed = whats.filter(what => !what.startsWith('at')).map(what => what.split(' ')[1])
      const count = listed.reduce((sum, each) => sum + (each?.split(',').length ?? 0), 0)
      expect([user, count]).toEqual([user, pages(user)])
    }
    expect(told.size).toBe(5)
  })
})

describe('steps behind each other', () => {
  const Step = schema({ user: t.string(), n: t.int32(), what: t.string() })

  /** A step that tells of each row, and 7 seconds after the last. */
  const telling = (name: string) => ({
    name,
    state: { n: valueState(t.int32()) },
    schema: Step,
    row(row: { n: number }, { state, timers, timestamp, emit }: StepContext) {
      state.n.set((state.n.get() ?? 0) + row.n)
      timers.event('quiet', timestamp + 7_000)
      if (row.n % 3 === 0) timers.event('past', timestamp - 5_000)
      emit({ n: state.n.get() ?? 0, what: `${name} row` })
    },
    timer(timer: Timer, { state, emit }: StepContext) {
      emit({ n: state.n.get() ?? 0, what: `${name} ${timer.name} ${timer.at}` })
      if (timer.name === 'past') state.n.set(0)
    },
  })

  async function told(kind: string, batchRecordsMax: number) {
    const driver = new TestDriver()
    const app = new Application({ id: 'steps', ...driver.options, batchRecordsMax })
    const from = app.topic('from', {
      key: string(),
      keyColumn: 'user',
      value: json(Visit),
      disorder: '2s',
    })
    const to = app.topic('to', { value: json(), create: { partitions: 1 } })
    const late = app.topic('late', { value: json(), create: { partitions: 1 } })
    const frame = app.dataframe(from).select('user', 'n')
    const summed = (of: StreamingDataFrame<{ user: string; n: number }>, name: string) => {
      const windows = of
        .groupBy('user')
        .window(tumbling('3s', { grace: '1s' }), { name })
        .agg(c => ({ n: count(c.n) }))
      windows.late().toTopic(late)
      return windows.final().select('user', 'n')
    }
    const process = (of: StreamingDataFrame<{ user: string; n: number }>, name: string) =>
      of.groupBy('user').process(telling(name))
    if (kind === 'window, process') process(summed(frame, 'w'), 'a').toTopic(to)
    else if (kind === 'process, process')
      process(process(frame, 'a').select('user', 'n'), 'b').toTopic(to)
    else if (kind === 'process, window')
      summed(process(frame, 'a').select('user', 'n'), 'w').toTopic(to)
    else process(summed(process(frame, 'a').select('user', 'n'), 'w'), 'b').toTopic(to)
    await driver.start(app)
    await driver.feed(from, records.slice(0, 100))
    await driver.advance('60s')
    await driver.stop()
    const values = async (topic: Topic) => (await driver.read(topic)).map(({ value }) => value)
    return { out: await values(to), late: await values(late) }
  }

  test.each(['window, process', 'process, process', 'process, window', 'process, window, process'])(
    '%s: the same however the input is cut into batches',
    async kind => {
      const expected = await told(kind, 1024)
      expect(expected.out.length).toBeGreaterThan(40)
      for (const batchRecordsMax of [1, 7]) {
        expect(await told(kind, batchRecordsMax)).toEqual(expected)
      }
    },
  )
})

/** Says of each user that nothing has come for a minute on the wall. */
function reminders(driver: TestDriver, disk: SimulatedDisk) {
  const state = disk.at('a')
  const app = new Application({ id: 'reminders', ...driver.options, state })
  const from = app.topic('from', { key: string(), keyColumn: 'user', value: json(Visit) })
  const to = app.topic('to', { key: string(), value: json(Told), create: { partitions: 1 } })
  app
    .dataframe(from)
    .process({
      name: 'reminders',
      schema: Told,
      row(row, { timers }) {
        if (row.n === 0) timers.cancel('silent')
        else timers.wall('silent', '1m')
      },
      timer(timer, { emit, keyBytes }) {
        emit({ user: Buffer.from(keyBytes).toString(), what: `${timer.kind} ${timer.name}` })
      },
    })
    .toTopic(to)
  return { app, from, to }
}

const visit = (user: string, n: number) => ({ value: { user, page: 'p', n }, timestamp: 1_000 })

describe('wall timers', () => {
  test('fire when their time has passed on the wall, not before', async () => {
    const driver = new TestDriver()
    const { app, from, to } = reminders(driver, new SimulatedDisk())
    await driver.start(app)
    await driver.feed(from, [visit('ann', 1), visit('bob', 1), visit('cid', 1)])
    await driver.advance('30s')
    await driver.feed(from, [visit('bob', 1), visit('cid', 0)])
    expect(await driver.read(to)).toEqual([])
    await driver.advance('32s')
    expect((await driver.read(to)).map(({ value }) => value)).toEqual([
      { user: 'ann', what: 'wall silent' },
    ])
    await driver.advance('30s')
    const [bob, ...more] = await driver.read(to)
    expect([bob?.value, bob?.key, bob?.timestamp, more]).toEqual([
      { user: 'bob', what: 'wall silent' },
      'bob',
      1_000,
      [],
    ])
    await driver.stop()
  })

  test.each([
    ['before', 'end-commit'],
    ['after', 'end-commit'],
  ] as const)('fire once when the process ends %s the decision is committed', async (...at) => {
    const [moment, point] = at
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const first = reminders(driver, disk)
    await driver.start(first.app)
    await driver.feed(first.from, [visit('ann', 1)])
    // The commit at which they begin to count.
    await driver.advance('59s')
    driver.broker.faults[moment](point, () => driver.crash(first.app))
    await driver.advance('3s')
    expect(driver.clientOf(first.app)).toBe(null)
    expect(await driver.read(first.to)).toEqual([])
    await driver.start(reminders(driver, disk).app)
    await driver.advance('1m')
    await driver.stop()
    const told = await driver.read(first.to)
    expect(told.map(({ value }) => value)).toEqual([{ user: 'ann', what: 'wall silent' }])
  })
})

describe('time to live', () => {
  const Count = schema({ user: t.string(), count: t.int32() })

  function counted(driver: TestDriver, disk: SimulatedDisk) {
    const app = new Application({ id: 'counted', ...driver.options, state: disk.at('a') })
    const from = app.topic('from', { key: string(), keyColumn: 'user', value: json(Visit) })
    const to = app.topic('to', { value: json(Count), create: { partitions: 1 } })
    app
      .dataframe(from)
      .groupBy('user')
      .reduce({
        name: 'counts',
        schema: schema({ count: t.int32() }),
        init: () => ({ count: 1 }),
        add: ({ count }) => ({ count: count + 1 }),
        ttl: '1m',
      })
      .toTopic(to)
    return { app, from, to }
  }
  const at = (user: string, timestamp: number) => ({ ...visit(user, 1), timestamp })

  test('forgets keys without records, across restarts, and clears them from the changelog', async () => {
    const driver = new TestDriver()
    const disk = new SimulatedDisk()
    const { app, from, to } = counted(driver, disk)
    await driver.start(app)
    await driver.feed(from, [at('ann', 0), at('bob', 0), at('ann', 30_000)])
    await driver.advance('1s')
    driver.crash(app)
    await driver.start(counted(driver, disk).app)
    await driver.feed(from, [at('ann', 61_000), at('bob', 62_000)])
    await driver.advance('2s')
    const told = (await driver.read(to)).map(({ value }) => `${value?.user} ${value?.count}`)
    expect(told).toEqual(['ann 1', 'bob 1', 'ann 2', 'ann 3', 'bob 1'])
    await driver.feed(from, [at('cid', 500_000)])
    await driver.advance('2s')
    await driver.stop()
    const changelog = driver.broker.read('counted.from.changelog')
    const last = new Map(
      changelog.map(({ key, value }) => [Buffer.from(key ?? []).toString('latin1'), value]),
    )
    const kept = [...last].filter(([key, value]) => value !== null && key !== '\0')
    // The state of one key, and where it expires.
    expect(kept).toHaveLength(2)
  })
})
