import { describe, expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { fromArray } from '../source/array-source.ts'
import { listState, mapState, valueState } from '../state/state-declaration.ts'
import { tumbling } from '../window/window.ts'
import { Application } from './application.ts'

const Sale = schema({ user: t.string(), note: t.string(), amount: t.int32(), at: t.timestamp() })
const Total = schema({ total: t.int32() })

const app = new Application({ id: 'test' })
const sales = app.dataframe(app.topic('sales', { value: json(Sale) }))
const rows = [
  { user: 'ann', note: 'a', amount: 1, at: 0 },
  { user: 'bob', note: 'b', amount: 2, at: 100 },
  { user: 'ann', note: 'ccc', amount: 3, at: 200 },
  { user: 'ann', note: 'dd', amount: 4, at: 1_100 },
]
const given = () => app.dataframe(fromArray(rows, { schema: Sale, timestamp: 'at' }))

describe('process', () => {
  test('gives out rows with the columns of their key', async () => {
    const totals = given()
      .groupBy('user')
      .process({
        state: { total: valueState(t.int32()), seen: mapState(t.string(), t.int32()) },
        schema: schema({ total: t.int32(), user: t.string(), notes: t.json() }),
        row(row, { state, emit, timers }) {
          state.total.set((state.total.get() ?? 0) + row.amount)
          state.seen.set(row.note, row.amount)
          timers.event('end', row.at + 500)
          emit({ total: state.total.get() ?? 0, notes: state.seen.entries() })
        },
        timer({ at }, { state, emit }) {
          emit({ total: -(state.total.get() ?? 0), notes: [at] })
        },
      })
    expect(await totals.collect()).toEqual([
      { user: 'ann', total: 1, notes: [['a', 1]] },
      { user: 'bob', total: 2, notes: [['b', 2]] },
      {
        user: 'ann',
        total: 4,
        notes: [
          ['a', 1],
          ['ccc', 3],
        ],
      },
      // A record is handled before time goes on to it, so this one moves the timer of its key.
      {
        user: 'ann',
        total: 8,
        notes: [
          ['a', 1],
          ['ccc', 3],
          ['dd', 4],
        ],
      },
      { user: 'bob', total: -2, notes: [600] },
      { user: 'ann', total: -8, notes: [1_600] },
    ])
  })

  test('ends with a run also where timers set timers again and again', async () => {
    const ticks = given()
      .groupBy('user')
      .process({
        schema: schema({ user: t.string(), at: t.timestamp() }),
        row: (_, { timers }) => timers.event('tick', 10_000),
        timer({ at }, { timers, emit }) {
          emit({ at })
          timers.event('tick', at + 1_000)
        },
      })
    const told = await ticks.collect()
    expect(told.slice(0, 2)).toEqual([
      { user: 'ann', at: 10_000 },
      { user: 'bob', at: 10_000 },
    ])
    expect(told.length).toBeGreaterThan(3)
  })

  test('shows itself in the plan', () => {
    const frame = sales
      .select('user')
      .groupBy('user')
      .process({
        name: 'visits',
        state: { items: listState(t.string()), seen: mapState(t.string(), t.int64()) },
        ttl: '1d',
        schema: Total,
        row: () => {},
        timer: () => {},
      })
    expect(frame.explain().split('\n')[4]).toBe(
      '  process#3: functions with timers by user expires after 1d: items = list(string), ' +
        'seen = map(string, int64); gives {total: int32}, state visits',
    )
  })

  test.each([
    ['no options', undefined, 'process needs { schema, row(row, context)'],
    ['no schema', { row: () => {} }, 'process needs the schema of the rows it gives out'],
    ['no function', { schema: Total }, 'process needs a function, for example row(row, context)'],
    ['a timer that is none', { schema: Total, row: () => {}, timer: 7 }, 'timer of process needs'],
    [
      'a state that is not declared',
      { schema: Total, row: () => {}, state: { total: t.int32() } },
      'state "total" needs a declaration such as valueState(t.float64())',
    ],
    [
      'a ttl of nothing',
      { schema: Total, row: () => {}, ttl: 0 },
      'ttl needs a time that is not 0',
    ],
    ['a wrong ttl', { schema: Total, row: () => {}, ttl: '1 day' }, 'ttl must be whole millisec'],
    ['an empty name', { schema: Total, row: () => {}, name: '' }, 'the name of process needs'],
    ['a wrong policy', { schema: Total, row: () => {}, onError: 'skip' }, 'onError needs a policy'],
  ])('refuses %s', (_, options, message) => {
    expect(() => sales.groupBy('user').process(options as never)).toThrow(message)
  })

  test('without groupBy is per record key, which must be there', () => {
    const options = { schema: Total, row: () => {} }
    const keyed = app.topic('keyed', { key: string(), keyColumn: 'user', value: json(Sale) })
    expect(app.dataframe(keyed).process(options).explain()).toContain('function by user;')
    expect(sales.process(options).explain()).toContain('function by the record key;')
    expect(() => sales.withKey('note').process(options)).toThrow(
      'process without groupBy needs records that are partitioned by their key',
    )
  })
})

describe('reduce', () => {
  const longest = {
    schema: schema({ longest: t.string(), count: t.int32() }),
    init: (row: { note: string }) => ({ longest: row.note, count: 1 }),
    add: (so: { longest: string; count: number }, row: { note: string }) => ({
      longest: row.note.length > so.longest.length ? row.note : so.longest,
      count: so.count + 1,
    }),
  }

  test('of groups gives what it has after each record', async () => {
    expect(await given().groupBy('user').reduce(longest).collect()).toEqual([
      { user: 'ann', longest: 'a', count: 1 },
      { user: 'bob', longest: 'b', count: 1 },
      { user: 'ann', longest: 'ccc', count: 2 },
      { user: 'ann', longest: 'ccc', count: 3 },
    ])
  })

  test('of windows gives what it has when they close', async () => {
    const windows = given().groupBy('user').window(tumbling('1s')).reduce(longest)
    expect(await windows.final().collect()).toEqual([
      { user: 'ann', window_start: 0, window_end: 1_000, longest: 'ccc', count: 2 },
      { user: 'bob', window_start: 0, window_end: 1_000, longest: 'b', count: 1 },
      { user: 'ann', window_start: 1_000, window_end: 2_000, longest: 'dd', count: 1 },
    ])
    expect(windows.final().explain()).toContain(
      'reduce#2: tumbling 1s by user: longest, count = reduce(row); final',
    )
  })

  test.each([
    ['no options', undefined, 'reduce needs { schema, init'],
    ['no schema', { ...longest, schema: undefined }, 'reduce needs the schema of what it accum'],
    ['no init', { ...longest, init: undefined }, 'init of reduce needs a function'],
    ['no add', { ...longest, add: 7 }, 'add of reduce needs a function'],
  ])('refuses %s', (_, options, message) => {
    const grouped = sales.groupBy('user')
    expect(() => grouped.reduce(options as never)).toThrow(message)
    expect(() => grouped.window(tumbling('1s')).reduce(options as never)).toThrow(message)
  })

  test('refuses functions that are async, in the record', async () => {
    const frame = given()
      .groupBy('user')
      .reduce({ ...longest, init: (async () => {}) as never })
    await expect(frame.collect()).rejects.toThrow('a function of reduce gave back a promise')
  })
})
