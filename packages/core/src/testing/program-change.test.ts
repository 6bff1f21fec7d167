/**
 * The table of docs/guide/upgrading.md: a program runs, is stopped, is changed and runs again; what
 * it says then, and what its windows hold afterwards.
 *
 * Every row is told from outside: records in, the verdict of the start, `state()`, results out. Each
 * is run with state in memory, which is read from the changelog, and with state that lasts.
 */
import { describe, expect, test } from 'vitest'
import { count, max, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { ApplicationRunOptions } from '../api/application-run-options.ts'
import type { StreamingDataFrame } from '../api/streaming-data-frame.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { listSink } from '../sink/list-sink.ts'
import { memoryState } from '../state/memory-backend.ts'
import type { StateBackendFactory } from '../state/state-backend.ts'
import { tumbling } from '../window/window.ts'
import { SimulatedDisk } from './simulation/simulated-disk.ts'
import { TestDriver } from './test-driver.ts'

const Sale = schema({ shop: t.string(), n: t.int32(), tax: t.int32() })
type Sales = StreamingDataFrame<{ shop: string; n: number; tax: number }>
type Rows = readonly Record<string, unknown>[]

/** What the program does with its sales; the windows' rows go to a list. */
type Program = (sales: Sales) => readonly StreamingDataFrame<never>[]

const program = (build: (sales: Sales) => unknown): Program =>
  (sales => [build(sales)].flat()) as Program

const SIZE = tumbling('10s')

/** Regroups and aggregates twice, and names nothing. */
const NAMELESS = (sales: Sales, isFiltered: boolean) => {
  const first = (isFiltered ? sales.where(c => c.n.gt(0)) : sales)
    .groupBy(['shop', 'tax'])
    .window(SIZE)
    .agg(c => ({ n: sum(c.n) }))
    .final()
    .drop('window_start', 'window_end')
  return (isFiltered ? first.filter(row => row.tax > 0) : first)
    .groupBy('shop')
    .window(SIZE)
    .agg(c => ({ n: sum(c.n) }))
    .final()
}

const GROUP = { name: 'by-shop' }
const WINDOW = { name: 'totals' }

/** The program of before, in most rows. */
const BEFORE = program(sales =>
  sales
    .groupBy('shop', GROUP)
    .window(SIZE, WINDOW)
    .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
    .final(),
)

interface Row {
  readonly change: string
  readonly before?: Program
  readonly after: Program
  /** Topic that the changed program reads; default: the same. */
  readonly topic?: string
  /** The record key is the shop, so nothing is regrouped. */
  readonly isKeyed?: boolean
  /** Given to the topic while the program is stopped. */
  readonly morePartitions?: number
  readonly verdict: 'goes on' | 'PLAN_CHANGED' | 'PARTITIONS_CHANGED'
  /** What the user chose after the verdict. */
  readonly accept?: ApplicationRunOptions['accept']
  /** What the step holds when one more sale of a, 100 with a tax of 10, has come. */
  readonly holds: Rows
  /** What comes out when windows have closed; default: what the step holds. */
  readonly gives?: Rows
  /** The log's warnings. */
  readonly said?: readonly string[]
}

const A = { shop: 'a', n: 105, tax: 13 }
const B = { shop: 'b', n: 7, tax: 4 }
const NEW = { shop: 'a', n: 100, tax: 10 }
const CLEARED = 'step "totals" begins with empty state, as chosen'

const ROWS: readonly Row[] = [
  {
    change: 'nothing',
    after: BEFORE,
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'a filter inserted before the grouping',
    after: program(sales => BEFORE(sales.where(c => c.n.gt(0)) as Sales)),
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'a function, a filter and columns inserted between grouping and source',
    after: program(sales =>
      BEFORE(
        sales
          .filter(row => row.n > 0)
          .withColumns(() => ({ more: 'x' }))
          .tap(() => {}) as never,
      ),
    ),
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'filters inserted everywhere, and nothing has a name',
    before: program(sales => NAMELESS(sales, false)),
    after: program(sales => NAMELESS(sales, true)),
    verdict: 'goes on',
    holds: [
      { shop: 'a', tax: 1, n: 2 },
      { shop: 'a', tax: 2, n: 3 },
      { shop: 'a', tax: 10, n: 100 },
      { shop: 'b', tax: 4, n: 7 },
    ],
    gives: [
      { shop: 'a', n: 105 },
      { shop: 'b', n: 7 },
    ],
  },
  {
    change: 'a filter inserted behind the window',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final()
        .where(c => c.n.gt(0)),
    ),
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'a column renamed that an aggregate reads',
    after: program(sales =>
      sales
        .rename({ n: 'amount' })
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.amount), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'an aggregate renamed',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ total: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [
      { shop: 'a', total: 105, tax: 13 },
      { shop: 'b', total: 7, tax: 4 },
    ],
  },
  {
    change: 'the group column renamed, with names for grouping and window',
    after: program(sales =>
      sales
        .rename({ shop: 'store' })
        .groupBy('store', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [
      { store: 'a', n: 105, tax: 13 },
      { store: 'b', n: 7, tax: 4 },
    ],
  },
  {
    change: 'the group column renamed, without names',
    before: program(sales =>
      sales
        .groupBy('shop')
        .window(SIZE)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    after: program(sales =>
      sales
        .rename({ shop: 'store' })
        .groupBy('store')
        .window(SIZE)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [{ store: 'a', n: 100, tax: 10 }],
  },
  {
    change: 'grace changed',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(tumbling('10s', { grace: '5s' }), WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [A, B],
  },
  {
    change: 'window size changed',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(tumbling('20s'), WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'PLAN_CHANGED',
    accept: { PLAN_CHANGED: 'clear' },
    holds: [NEW],
    said: [CLEARED],
  },
  {
    change: 'an aggregator changed',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ n: max(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'PLAN_CHANGED',
    accept: { PLAN_CHANGED: 'clear' },
    holds: [NEW],
    said: [CLEARED],
  },
  {
    change: 'an aggregate added',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax), sales: count() }))
        .final(),
    ),
    verdict: 'PLAN_CHANGED',
    accept: { PLAN_CHANGED: 'clear' },
    holds: [{ ...NEW, sales: 1 }],
    said: [CLEARED],
  },
  {
    change: 'two aggregates that have changed places',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, WINDOW)
        .agg(c => ({ tax: sum(c.tax), n: sum(c.n) }))
        .final(),
    ),
    verdict: 'PLAN_CHANGED',
    accept: { PLAN_CHANGED: 'clear' },
    holds: [NEW],
    said: [CLEARED],
  },
  {
    change: 'another type of group column',
    after: program(sales =>
      sales
        .withColumns(c => ({ shop: c.n }))
        .groupBy('shop', { name: 'by-number' })
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    before: program(sales =>
      sales
        .groupBy('shop', { name: 'by-number' })
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'PLAN_CHANGED',
    accept: { PLAN_CHANGED: 'clear' },
    holds: [{ ...NEW, shop: 100 }],
    said: [CLEARED],
  },
  {
    change: 'the step renamed',
    after: program(sales =>
      sales
        .groupBy('shop', GROUP)
        .window(SIZE, { name: 'sums' })
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    verdict: 'goes on',
    holds: [NEW],
    said: [
      'the plan has no step "totals" any more; its state is left',
      'step "sums" is new: its state is empty',
    ],
  },
  {
    change: 'a second step with state added',
    after: program(sales => {
      const grouped = sales.groupBy('shop', GROUP)
      const totals = grouped.window(SIZE, WINDOW).agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
      const counts = grouped.window(SIZE, { name: 'counts' }).agg(() => ({ sales: count() }))
      return [totals.final(), counts.final()]
    }),
    verdict: 'goes on',
    holds: [A, B, { shop: 'a', sales: 1 }],
    said: ['step "counts" is new: its state is empty'],
  },
  {
    change: 'one of two steps with state removed',
    before: program(sales => {
      const grouped = sales.groupBy('shop', GROUP)
      const counts = grouped.window(SIZE, { name: 'counts' }).agg(() => ({ sales: count() }))
      const totals = grouped.window(SIZE, WINDOW).agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
      return [counts.final(), totals.final()]
    }),
    after: BEFORE,
    verdict: 'goes on',
    holds: [A, B],
    said: ['the plan has no step "counts" any more; its state is left'],
  },
  {
    change: 'two steps with state that have changed places',
    before: program(sales => {
      const grouped = sales.groupBy('shop', GROUP)
      const counts = grouped.window(SIZE, { name: 'counts' }).agg(() => ({ sales: count() }))
      const totals = grouped.window(SIZE, WINDOW).agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
      return [counts.final(), totals.final()]
    }),
    after: program(sales => {
      const grouped = sales.groupBy('shop', GROUP)
      const totals = grouped.window(SIZE, WINDOW).agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
      const counts = grouped.window(SIZE, { name: 'counts' }).agg(() => ({ sales: count() }))
      return [totals.final(), counts.final()]
    }),
    verdict: 'goes on',
    holds: [A, B, { shop: 'a', sales: 3 }, { shop: 'b', sales: 1 }],
  },
  {
    change: 'more partitions, behind a regrouping',
    after: BEFORE,
    morePartitions: 2,
    verdict: 'PARTITIONS_CHANGED',
    accept: { PARTITIONS_CHANGED: 'clear' },
    holds: [A, B],
  },
  {
    change: 'more partitions, of a topic that is grouped by its key',
    after: BEFORE,
    isKeyed: true,
    morePartitions: 2,
    verdict: 'PARTITIONS_CHANGED',
    accept: { PARTITIONS_CHANGED: 'clear' },
    holds: [NEW],
    said: ['the state is cleared, as its keys have moved'],
  },
  {
    change: 'more partitions, and no state',
    before: program(sales => sales.where(c => c.n.gt(0))),
    after: program(sales => sales.where(c => c.n.gt(0))),
    morePartitions: 2,
    verdict: 'goes on',
    holds: [],
  },
  {
    change: 'another input topic',
    after: BEFORE,
    before: program(sales =>
      sales
        .groupBy('shop', { name: 'by-old' })
        .window(SIZE, WINDOW)
        .agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
        .final(),
    ),
    topic: 'orders',
    verdict: 'goes on',
    holds: [NEW],
  },
]

const STATES = [
  ['in memory', () => memoryState()],
  ['that lasts', (disk: SimulatedDisk) => disk.at('slot')],
] as const

describe.each(STATES)('a program that is changed, with state %s', (_, stateOf) => {
  test.each(ROWS)('$change: $verdict', async row => {
    const { before = BEFORE, after, verdict, accept, holds, said = [], topic = 'sales' } = row
    const disk = new SimulatedDisk()
    const warnings: string[] = []
    const warn = (__: object, message: string): void => void warnings.push(message)
    const driver = new TestDriver({ log: { debug() {}, info() {}, warn, error() {} } })
    const isKeyed = row.isKeyed === true
    const first = opened(driver, stateOf(disk), before, 'sales', isKeyed)
    await driver.start(first.app)
    await driver.feed(first.sales, [sale('a', 2, 1), sale('a', 3, 2), sale('b', 7, 4)])
    await driver.advance('2s')
    await driver.stop()
    expect(warnings).toEqual([])

    if (row.morePartitions !== undefined) driver.broker.addPartitions('sales', row.morePartitions)
    const open = () => opened(driver, stateOf(disk), after, topic, isKeyed)
    if (verdict !== 'goes on') {
      await expect(started(driver, open().app)).rejects.toMatchObject({ code: verdict })
    }
    if (verdict === 'PLAN_CHANGED') {
      // Nothing was touched: the program of before goes on as if nothing had been.
      await started(driver, first.app)
      expect(await driver.state('totals')).toHaveLength(2)
      await driver.stop()
    }
    const second = open()
    await driver.start(second.app, accept === undefined ? {} : { accept })
    await driver.feed(second.sales, [sale('a', 100, 10)])
    await driver.advance('2s')
    const windows = { window_start: expect.anything(), window_end: expect.anything() }
    const expected = holds.map(held => ({ ...windows, ...held }))
    expect(await driver.state()).toHaveLength(holds.length)
    expect(await driver.state()).toEqual(expect.arrayContaining(expected))
    expect(warnings).toEqual(said)
    await driver.stop()

    // The next start needs no choice, and has the same.
    const third = open()
    await started(driver, third.app)
    expect(await driver.state()).toEqual(expect.arrayContaining(expected))
    await driver.advance('1m')
    expect(await driver.state()).toEqual([])
    await driver.stop()
    if (holds.length === 0) return
    const given = (row.gives ?? holds).map(one => ({ ...windows, ...one }))
    expect(third.rows()).toHaveLength(given.length)
    expect(third.rows()).toEqual(expect.arrayContaining(given))
  })
})

test('a step that was removed and comes back has missed records: PLAN_CHANGED', async () => {
  const driver = new TestDriver()
  const both = program(sales => {
    const grouped = sales.groupBy('shop', GROUP)
    const counts = grouped.window(SIZE, { name: 'counts' }).agg(() => ({ sales: count() }))
    const totals = grouped.window(SIZE, WINDOW).agg(c => ({ n: sum(c.n), tax: sum(c.tax) }))
    return [counts.final(), totals.final()]
  })
  const run = async (build: Program, accept?: ApplicationRunOptions['accept']) => {
    const { app, sales } = opened(driver, memoryState(), build, 'sales', false)
    await driver.start(app, accept === undefined ? {} : { accept })
    await driver.feed(sales, [sale('a', 1, 1)])
    await driver.advance('2s')
    const held = await driver.state()
    await driver.stop()
    return held
  }
  await run(both)
  await run(BEFORE)
  await expect(run(both)).rejects.toThrow('PLAN_CHANGED: state "counts" was left by a plan')
  const held = await run(both, { PLAN_CHANGED: 'clear' })
  expect(held).toMatchObject([{ sales: 1 }, { n: 3 }])
})

/** A task whose local state is at the end of its changelog hears so by the clock. */
async function started(driver: TestDriver, app: Application): Promise<void> {
  await driver.start(app)
  await driver.advance('1s')
}

function opened(
  driver: TestDriver,
  state: StateBackendFactory,
  build: Program,
  name: string,
  isKeyed: boolean,
) {
  const app = new Application({ id: 'shop', state, ...driver.options })
  const sales: Topic = app.topic(name, {
    ...(isKeyed && { key: string(), keyColumn: 'shop' }),
    value: json(Sale),
  } as never)
  const lists = build(app.dataframe(sales) as unknown as Sales).map(frame => {
    const list = listSink()
    frame.sink(list as never)
    return list
  })
  return { app, sales, rows: () => lists.flatMap(list => list.rows) }
}

function sale(shop: string, n: number, tax: number) {
  return { value: { shop, n, tax }, timestamp: 1_000 }
}
