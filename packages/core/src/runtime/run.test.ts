import { describe, expect, test, vi } from 'vitest'
import { count } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { ApplicationOptions } from '../api/application-options.ts'
import type { Topic } from '../api/topic.ts'
import { MillraceError } from '../errors.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import type { Sink, SinkDefinition } from '../sink/sink.ts'
import { fromArray } from '../source/array-source.ts'
import { sinkContext } from '../testing/sink-context.ts'
import { TestDriver } from '../testing/test-driver.ts'
import type { Transport, TransportFactory } from '../transport/transport.ts'
import { SYSTEM_CLOCK } from '../util/clock.ts'
import { tumbling } from '../window/window.ts'

const Row = schema({ k: t.string(), n: t.int32() })
const numbers = (records: readonly { readonly value: unknown }[]): number[] =>
  records.map(({ value }) => (value as { n: number }).n)

/** A topic copied to another, and to a sink when there is one. */
function copy(
  driver: TestDriver,
  options: Partial<ApplicationOptions> & { readonly sink?: SinkDefinition } = {},
) {
  const { sink, ...appOptions } = options
  const app = new Application({ id: 'copy', ...driver.options, ...appOptions })
  const from = app.topic('from', { value: json(Row) })
  const to = app.topic('to', { value: json(Row), create: { partitions: 1 } })
  const frame = app.dataframe(from)
  frame.toTopic(to)
  if (sink !== undefined) frame.sink(sink)
  return { app, from, to }
}

/** Records what a checkpoint does, in order. */
function recorded(driver: TestDriver) {
  const calls: string[] = []
  const broker: TransportFactory = {
    create: context => {
      const transport = driver.options.broker.create(context)
      const wrapped: Transport = {
        name: transport.name,
        abilities: transport.abilities,
        admin: transport.admin,
        open: () => transport.open(),
        createFetcher: options => transport.createFetcher(options),
        createProducer: async () => {
          const producer = await transport.createProducer()
          return {
            write: records => producer.write(records),
            flush: async () => {
              calls.push('flush')
              await producer.flush()
            },
            close: () => producer.close(),
          }
        },
        joinGroup: async options => {
          const member = await transport.joinGroup(options)
          return {
            ...member,
            commit: async offsets => {
              calls.push(`offsets ${offsets.map(({ offset }) => offset)}`)
              await member.commit(offsets)
            },
            leave: async () => {
              calls.push('leave')
              await member.leave()
            },
          }
        },
        close: async () => {
          calls.push('transport closed')
          await transport.close()
        },
      }
      return wrapped
    },
  }
  const list = listSink<{ n: number }>()
  const sink: SinkDefinition = {
    name: 'recorded',
    create: task => {
      const inner = list.create(task)
      const told: Sink = {
        open: () => inner.open(sinkContext()),
        write: batch => inner.write(batch),
        prepare: epoch => {
          calls.push(`prepare ${epoch}`)
          return inner.prepare(epoch)
        },
        commit: (epoch, receipt) => {
          calls.push(`commit ${epoch}`)
          return inner.commit(epoch, receipt)
        },
        abort: epoch => {
          calls.push(`abort ${epoch}`)
          return inner.abort(epoch)
        },
        recover: receipts => inner.recover(receipts),
        close: () => {
          calls.push('sink closed')
          return inner.close()
        },
      }
      return told
    },
  }
  return { calls, broker, sink, list }
}

const row = (n: number, partition = 0) => ({ value: { k: 'a', n }, partition })

describe('a checkpoint', () => {
  test('has sinks ready before the flush, offsets after it, and shows rows last', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink, list } = recorded(driver)
    const { app, from } = copy(driver, { broker, sink })
    await driver.start(app)
    await driver.feed(from, [row(1), row(2)])
    expect([calls, list.rows]).toEqual([[], []])
    await driver.advance('1s')
    expect(calls).toEqual(['prepare 0', 'flush', 'offsets 2', 'commit 0'])
    expect(list.rows).toHaveLength(2)
    await driver.stop()
  })

  test('does not take place when nothing has happened', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink } = recorded(driver)
    const { app, from } = copy(driver, { broker, sink })
    await driver.feed(from, [row(1)])
    await driver.start(app)
    await driver.advance('1s')
    const before = calls.length
    // The first silence is a decision, and is told.
    await driver.advance('15s')
    const decided = calls.length
    expect(decided).toBeGreaterThan(before)
    await driver.advance('10m')
    expect(calls).toHaveLength(decided)
    await driver.stop()
  })

  test('commits nothing when a delivery failed, and undoes what sinks had ready', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink, list } = recorded(driver)
    const { app, from } = copy(driver, { broker, sink })
    await driver.start(app)
    await driver.feed(from, [row(1)])
    await driver.advance('1s')
    driver.broker.failNextDelivery('to')
    await driver.feed(from, [row(2)])
    calls.length = 0
    await expect(driver.advance('1s')).rejects.toMatchObject({ code: 'DELIVERY_FAILED' })
    expect(calls).toEqual([
      'prepare 1',
      'flush',
      'abort 1',
      'sink closed',
      'leave',
      'transport closed',
    ])
    expect(list.rows).toEqual([{ k: 'a', n: 1 }])
    const place = { topic: 'from', partition: 0 }
    expect(driver.broker.committed('copy', place)?.offset).toBe(1)
    // The next run repeats the epoch; its rows come once.
    await driver.start(app)
    await driver.advance('1s')
    expect(list.rows.map(({ n }) => n)).toEqual([1, 2])
    await driver.stop()
  })
})

describe('a graceful stop', () => {
  test('finishes, commits and leaves', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink, list } = recorded(driver)
    const { app, from, to } = copy(driver, { broker, sink, commitInterval: '1h' })
    await driver.start(app)
    await driver.feed(from, [row(1), row(2)])
    await driver.stop()
    expect(calls).toEqual([
      'prepare 0',
      'flush',
      'offsets 2',
      'commit 0',
      'sink closed',
      'leave',
      'transport closed',
    ])
    expect(list.rows).toHaveLength(2)
    await driver.start(app)
    await driver.feed(from, [row(3)])
    await driver.stop()
    expect(numbers(await driver.read(to))).toEqual([1, 2, 3])
  })

  test('leaves no handler on the signal of the user', async () => {
    const driver = new TestDriver()
    const { app } = copy(driver)
    const stop = new AbortController()
    const { signal } = stop
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await driver.start(app, { signal })
    expect(added).toHaveBeenCalled()
    stop.abort()
    await driver.stop()
    expect(removed.mock.calls).toHaveLength(added.mock.calls.length)
    expect(driver.clock.nextDueAt).toBe(null)
  })
})

describe('an error', () => {
  test('undoes what sinks have, and closes everything', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink, list } = recorded(driver)
    const { app, from } = copy(driver, { broker, sink })
    await driver.start(app)
    await driver.feed(from, [row(1)])
    const bad = driver.feed(from, [{ value: Buffer.from('{') }])
    await expect(bad).rejects.toMatchObject({
      code: 'DECODE_FAILED',
      place: { topic: 'from', partition: 0, offset: 1 },
    })
    expect(calls).toEqual(['abort 0', 'sink closed', 'leave', 'transport closed'])
    expect(list.rows).toEqual([])
    expect(driver.broker.members('copy')).toEqual([])
    expect(driver.clock.nextDueAt).toBe(null)
  })

  test('names the topic that is missing, before anything is read', async () => {
    const driver = new TestDriver()
    const { app } = copy(driver)
    const missing = app.run({ handleSignals: false })
    await expect(missing).rejects.toMatchObject({ code: 'TOPIC_MISSING', place: { topic: 'from' } })
    await expect(missing).rejects.toThrow('create: { partitions: 4 }')
    expect(app.status().state).toBe('stopped')
  })
})

describe('partitions that go', () => {
  test('are committed first, so that the next owner goes on where the last one ended', async () => {
    const driver = new TestDriver({ partitions: 2 })
    const first = copy(driver, { commitInterval: '1h' })
    const second = copy(driver, { commitInterval: '1h' })
    await driver.start(first.app)
    await driver.feed(first.from, [row(1, 0), row(2, 1)])
    await driver.start(second.app)
    const partitions = [first, second].map(({ app }) => app.status().tasks.map(task => task.id))
    expect(partitions.flat().sort()).toEqual(['0/0', '0/1'])
    await driver.feed(first.from, [row(3, 0), row(4, 1)])
    await driver.stop()
    expect(numbers(await driver.read(first.to)).sort()).toEqual([1, 2, 3, 4])
  })

  test('by force are not committed: what sinks had of them is undone and comes again', async () => {
    const driver = new TestDriver()
    const { calls, broker, sink, list } = recorded(driver)
    const { app, from } = copy(driver, { broker, sink, commitInterval: '1h' })
    await driver.start(app)
    await driver.feed(from, [row(1), row(2)])
    driver.broker.expel('copy', driver.broker.members('copy')[0] as string)
    await driver.feed(from, [row(3)])
    expect(calls).toEqual(['abort 0', 'sink closed'])
    await driver.stop()
    expect(list.rows.map(({ n }) => n)).toEqual([1, 2, 3])
  })

  test('while a run stops are given up after its last commit', async () => {
    const driver = new TestDriver()
    const { broker, sink } = recorded(driver)
    const preparing: (() => void)[] = []
    const slow: SinkDefinition = {
      ...sink,
      create: task => ({
        ...sink.create(task),
        prepare: () =>
          new Promise(resolve => {
            preparing.push(() => resolve(null))
          }),
      }),
    }
    const { app, from } = copy(driver, { broker, sink: slow, commitInterval: '1h' })
    const second = copy(driver, { commitInterval: '1h' })
    await driver.feed(from, [row(1), row(2)])
    await driver.start(app)
    app.stop()
    // Preparing takes a while; meanwhile another process joins, and may get the partition.
    while (preparing.length === 0) await new Promise(resolve => setImmediate(resolve))
    const other = second.app.run({ handleSignals: false })
    for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
    for (const finish of preparing) finish()
    await driver.stop()
    expect(driver.broker.committed('copy', { topic: 'from', partition: 0 })?.offset).toBe(2)
    second.app.stop()
    await other
  })
})

describe('a bounded run', () => {
  test('ends at the high watermark of its start, though more records come', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options, batchRecordsMax: 1 })
    const from = app.topic('from', { value: json(Row) })
    const list = listSink<{ n: number }>()
    const more = (): void =>
      driver.broker.append('from', 0, [{ value: JSON.stringify({ k: 'a', n: 0 }) }])
    app.dataframe(from).tap(more).sink(list)
    await driver.feed(from, [row(1), row(2), row(3)])
    await driver.start(app, { until: 'end' })
    expect(app.status().state).toBe('stopped')
    expect(list.rows.map(({ n }) => n)).toEqual([1, 2, 3])
    expect(driver.broker.committed('app', { topic: 'from', partition: 0 })?.offset).toBe(3)
  })

  test('does not end because its partitions were lost', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options, batchRecordsMax: 1 })
    const from = app.topic('from', { value: json(Row) })
    const list = listSink<{ n: number }>()
    let isExpelled = false
    const expel = (): void => {
      if (!isExpelled) driver.broker.expel('app', driver.broker.members('app')[0] as string)
      isExpelled = true
    }
    app.dataframe(from).tap(expel).sink(list)
    await driver.feed(from, [row(1), row(2), row(3)])
    await driver.start(app, { until: 'end' })
    await driver.advance('1s')
    expect(app.status().state).toBe('stopped')
    expect(list.rows.map(({ n }) => n)).toEqual([1, 2, 3])
  })

  test.each([0, 3])('ends where only a gap follows %s records', async records => {
    const driver = new TestDriver({ partitions: 2 })
    const { app, from, to } = copy(driver)
    await driver.feed(
      from,
      Array.from({ length: records }, (_, n) => row(n)),
    )
    await driver.feed(from, [row(7, 1)])
    // As control records of a transaction that was aborted.
    driver.broker.skipOffsets('from', 0, 5)
    await driver.start(app, { until: 'end' })
    await driver.advance('100ms')
    expect(app.status().state).toBe('stopped')
    expect(await driver.read(to)).toHaveLength(records + 1)
  })
})

describe('a run that closes its windows at the end', () => {
  test.each(['key', 'repartition'])('leaves time to later records, by %s', async way => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options })
    const keyed = way === 'key' ? ({ key: string(), keyColumn: 'k' } as const) : {}
    const from = app.topic('from', { ...keyed, value: json(Row) })
    const [results, late] = [listSink<{ window_end: number }>(), listSink<{ n: number }>()]
    const windows = app
      .dataframe(from)
      .groupBy('k')
      .window(tumbling('10s'))
      .agg(() => ({ rows: count() }))
    windows.final().sink(results)
    windows.late().sink(late)
    const record = (n: number, timestamp: number) => ({ value: { k: 'a', n }, timestamp })
    await driver.feed(from as Topic, [record(1, 1_000)])
    await driver.start(app, { until: 'end', flush: true })
    expect(results.rows.map(({ window_end }) => window_end)).toEqual([10_000])
    await driver.feed(from as Topic, [record(2, 2_000), record(3, 12_000)])
    await driver.start(app, { until: 'end', flush: true })
    expect(late.rows.map(({ n }) => n)).toEqual([2])
    expect(results.rows.map(({ window_end }) => window_end)).toEqual([10_000, 20_000])
  })

  test('closes windows behind windows, too', async () => {
    const driver = new TestDriver()
    const app = new Application({ id: 'app', ...driver.options })
    const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Row) })
    const hours = listSink<{ windows: number }>()
    app
      .dataframe(from)
      .window(tumbling('10s'), { name: 'seconds' })
      .agg(() => ({ rows: count() }))
      .final()
      .drop('window_start', 'window_end')
      .window(tumbling('1h'), { name: 'hours' })
      .agg(() => ({ windows: count() }))
      .final()
      .sink(hours)
    const record = (timestamp: number) => ({ value: { k: 'a', n: 1 }, timestamp })
    await driver.feed(from, [record(1_000), record(12_000)])
    await driver.start(app, { until: 'end', flush: true })
    expect(hours.rows).toMatchObject([{ windows: 2 }])
  })
})

describe('a restart', () => {
  const record = (timestamp: number) => ({ value: { k: 'a', n: 1 }, timestamp })

  /** Counts per key in windows of ten seconds, on this broker. */
  function counting(driver: TestDriver, broker = driver.options.broker) {
    const app = new Application({ id: 'app', ...driver.options, broker })
    const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Row) })
    const to = app.topic('to')
    const windows = app.dataframe(from).window(tumbling('10s'))
    windows
      .agg(() => ({ n: count() }))
      .final()
      .toTopic(to)
    return { app, from, to }
  }

  test('of a task with state goes on with the state of its changelog', async () => {
    const driver = new TestDriver()
    const { app, from, to } = counting(driver)
    await driver.start(app)
    await driver.feed(from, [record(1_000), record(2_000)])
    await driver.stop()
    const place = { topic: 'from', partition: 0 }
    expect(driver.broker.committed('app', place)).toMatchObject({ offset: 2 })
    await driver.start(app)
    expect(app.status().tasks[0]).toMatchObject({ position: 2, counters: {} })
    await driver.feed(from, [record(3_000), record(12_000)])
    expect(await driver.read(to)).toMatchObject([{ value: { window_end: 10_000, n: 3 } }])
    await driver.stop()
  })

  test('of a task whose state has no changelog begins again, and says so', async () => {
    const lines: object[] = []
    const info = (details: object, message: string) => lines.push({ ...details, message })
    const driver = new TestDriver({ log: { debug() {}, info, warn() {}, error() {} } })
    const { app, from, to } = counting(driver, withoutTransactions(driver.options.broker))
    await driver.start(app)
    await driver.feed(from, [record(1_000), record(2_000)])
    await driver.stop()
    expect(driver.broker.committed('app', { topic: 'from', partition: 0 })).toBe(null)
    expect(lines).toEqual([])
    await driver.start(app)
    const message =
      'state is kept in memory: this task reads its input from the earliest record again'
    expect(lines).toEqual([{ topic: 'from', partition: 0, message }])
    await driver.feed(from, [record(12_000)])
    expect(await driver.read(to)).toMatchObject([{ value: { window_end: 10_000, n: 2 } }])
    await driver.stop()
  })
})

function withoutTransactions(broker: TransportFactory): TransportFactory {
  return {
    create: context => {
      const transport = broker.create(context)
      const abilities = { ...transport.abilities, transactions: false }
      return new Proxy(transport, {
        get: (of, name) => {
          if (name === 'abilities') return abilities
          const value = Reflect.get(of, name)
          return typeof value === 'function' ? value.bind(of) : value
        },
      })
    },
  }
}

test('groupings of groupings work where the broker fixes the number of partitions', async () => {
  const driver = new TestDriver()
  const fixed: TransportFactory = {
    create: context => {
      const transport = driver.options.broker.create(context)
      const abilities = { ...transport.abilities, partitionCountFixed: 4 }
      return Object.defineProperty(transport, 'abilities', { value: abilities })
    },
  }
  const app = new Application({ id: 'app', ...driver.options, broker: fixed })
  const list = listSink()
  const Timed = schema({ k: t.string(), ts: t.timestamp() })
  const rows = Array.from({ length: 20 }, (_, i) => ({ k: `k${i % 10}`, ts: 1_000 }))
  app
    .dataframe(fromArray(rows, { schema: Timed, timestamp: 'ts' }))
    .groupBy('k')
    .window(tumbling('10s'), { name: 'first' })
    .agg(() => ({ n: count() }))
    .final()
    .select('n')
    .groupBy('n')
    .window(tumbling('10s'), { name: 'second' })
    .agg(() => ({ keys: count() }))
    .final()
    .select('n', 'keys')
    .sink(list)
  await driver.start(app)
  await driver.advance('1s')
  expect(list.rows).toEqual([{ n: 2, keys: 10 }])
})

describe('a partition count that changed', () => {
  function grouped(driver: TestDriver) {
    const app = new Application({ id: 'app', ...driver.options })
    const from = app.topic('from', { value: json(Row) })
    app
      .dataframe(from)
      .groupBy('k')
      .window(tumbling('10s'))
      .agg(() => ({ n: count() }))
      .final()
      .sink(listSink())
    return { app, from }
  }

  test('stops a pipeline that has regrouped, with what to do', async () => {
    const driver = new TestDriver({ partitions: 2 })
    const { app, from } = grouped(driver)
    await driver.feed(from, [row(1)])
    await driver.start(app)
    await driver.stop()
    driver.broker.addPartitions('from', 1)
    await expect(driver.start(app)).rejects.toMatchObject({ code: 'PARTITIONS_CHANGED' })
  })

  test('stops it while it runs, too', async () => {
    const driver = new TestDriver({ partitions: 2 })
    const { app, from } = grouped(driver)
    await driver.feed(from, [row(1)])
    await driver.start(app)
    driver.broker.addPartitions('from', 1)
    await expect(driver.feed(from, [row(2, 2)])).rejects.toMatchObject({
      code: 'PARTITIONS_CHANGED',
    })
  })

  test('stops a task with state whose keys have moved', async () => {
    const driver = new TestDriver({ partitions: 2 })
    const app = new Application({ id: 'app', ...driver.options })
    const from = app.topic('from', { key: string(), keyColumn: 'k', value: json(Row) })
    app
      .dataframe(from)
      .window(tumbling('10s'))
      .agg(() => ({ n: count() }))
      .final()
      .sink(listSink())
    await driver.start(app)
    driver.broker.addPartitions('from', 1)
    await expect(driver.advance('1s')).rejects.toMatchObject({ code: 'PARTITIONS_CHANGED' })
  })

  test('is followed by a task without state', async () => {
    const driver = new TestDriver({ partitions: 1 })
    const { app, from, to } = copy(driver)
    await driver.feed(from, [row(1)])
    await driver.start(app)
    driver.broker.addPartitions('from', 1)
    await driver.feed(from, [row(2, 1)])
    await driver.stop()
    driver.broker.addPartitions('from', 1)
    await driver.start(app)
    await driver.feed(from, [row(3, 2)])
    await driver.stop()
    expect(numbers(await driver.read(to))).toEqual([1, 2, 3])
  })
})

test('a bad record is skipped where the policy says so, and only that one', async () => {
  const driver = new TestDriver()
  const { app, from, to } = copy(driver, { onError: skip() })
  await driver.start(app)
  await driver.feed(from, [row(1), { value: Buffer.from('no') }, row(3)])
  expect(app.status().tasks[0]?.counters).toMatchObject({ records_in: 3, records_skipped: 1 })
  await driver.stop()
  expect(numbers(await driver.read(to))).toEqual([1, 3])
})

test('other code of the process gets its turn while a run is busy', async () => {
  const driver = new TestDriver()
  const app = new Application({
    id: 'app',
    ...driver.options,
    clock: SYSTEM_CLOCK,
    batchRecordsMax: 1,
  })
  const from = app.topic('from', { value: json(Row) })
  let turns = 0
  let isOver = false
  const take = (): void => {
    turns++
    if (!isOver) setImmediate(take)
  }
  const busy = (): void => {
    for (const until = performance.now() + 2; performance.now() < until; );
  }
  app.dataframe(from).tap(busy).sink(listSink())
  await driver.feed(
    from,
    Array.from({ length: 50 }, (_, n) => row(n)),
  )
  setImmediate(take)
  await app.run({ until: 'end', handleSignals: false })
  isOver = true
  // 100 ms of work in slices of 5 ms.
  expect(turns).toBeGreaterThan(10)
})

test('a commit that is refused for now is repeated, also without state', async () => {
  const driver = new TestDriver()
  const { app, from, to } = copy(driver, { commitInterval: '1s' })
  const refusal = new MillraceError('BROKER_REFUSED', 'a rebalance is under way.', {
    retriable: true,
  })
  driver.broker.faults.before('commit', () => Promise.reject(refusal))
  await driver.start(app)
  await driver.feed(from, [row(1), row(2)])
  await driver.advance('3s')
  // At least once: what the failed epoch wrote is written again.
  expect(numbers(await driver.read(to))).toEqual([1, 2, 1, 2])
  expect(driver.broker.committed('copy', { topic: 'from', partition: 0 })).toMatchObject({
    offset: 2,
  })
  await driver.stop()
})
