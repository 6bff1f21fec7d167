import { describe, expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import { MillraceError } from '../errors.ts'
import type { Lookup, LookupDefinition, LookupKey } from '../lookup/lookup.ts'
import { fail, skip } from '../record/error-policy.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { SILENT } from '../runtime/logger.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { listSink } from '../sink/list-sink.ts'
import { fromArray } from '../source/array-source.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { LookupOperator } from './lookup.ts'

const User = schema({ id: t.string(), name: t.string(), age: t.int32().nullable() })
const USERS: Record<string, readonly [string, number | null]> = {
  a: ['Ann', 30],
  b: ['Bob', null],
}

/** A table with two users; notes what it is asked for. */
function users(asked: LookupKey[][] = [], answer = (keys: number) => keys) {
  let fields: readonly string[] = []
  const lookup: Lookup = {
    open: async context => {
      fields = context.fields
    },
    rows: async keys => {
      asked.push([...keys])
      const rows = keys.map(([id]) => {
        const row = USERS[id as string]
        return row === undefined
          ? null
          : fields.map(field => (field === 'name' ? row[0] : field === 'age' ? row[1] : id))
      })
      return rows.slice(0, answer(rows.length)) as never
    },
    close: async () => {},
  }
  const definition: LookupDefinition<typeof User.row> = {
    name: 'users',
    schema: User,
    key: [{ name: 'id', type: t.string() }],
    create: () => lookup,
  }
  return definition
}

const Sale = schema({ user: t.string().nullable(), n: t.int32() })
const sales = (...names: (string | null)[]) => names.map((user, n) => ({ user, n }))

testOperator(
  { describe, test, expect },
  {
    create: onError =>
      new LookupOperator({
        name: 'lookup#1',
        lookup: users().create(),
        perRecord: false,
        schema: schema({
          ...{ user: t.string().nullable(), n: t.int32() },
          name: t.string().nullable(),
        }),
        on: ['user'],
        codec: groupKeyCodec([t.string().nullable()]),
        fields: [{ from: 'name', type: t.string().nullable() }],
        cache: { rowsMax: 100, keepMs: 60_000, keepMissingMs: 10_000 },
        onError,
      }),
    input: examBatch(
      Sale,
      Array.from({ length: 20 }, (_, n) =>
        n % 6 === 2 ? null : { user: ['a', 'b', 'c', null][n % 4] ?? null, n },
      ),
    ),
    tombstones: 'pass',
  },
)

test('adds columns of the row, or nulls; each key is asked for once, nulls never', async () => {
  const asked: LookupKey[][] = []
  const app = new Application({ id: 'shop' })
  const rows = await app
    .dataframe(fromArray(sales('a', 'b', null, 'c', 'a'), { schema: Sale }))
    .lookup(users(asked), 'user', { name: 'name', user_age: 'age' })
    .collect()
  expect(rows).toEqual([
    { user: 'a', n: 0, name: 'Ann', user_age: 30 },
    { user: 'b', n: 1, name: 'Bob', user_age: null },
    { user: null, n: 2, name: null, user_age: null },
    { user: 'c', n: 3, name: null, user_age: null },
    { user: 'a', n: 4, name: 'Ann', user_age: 30 },
  ])
  expect(asked).toEqual([[['a'], ['b'], ['c']]])
})

test('what is kept is not asked for again, until it is too old', async () => {
  const asked: LookupKey[][] = []
  const driver = new TestDriver({ partitions: 1 })
  const app = new Application({ id: 'shop', ...driver.options })
  const list = listSink()
  const topic = app.topic('sales', { value: json(Sale) })
  app
    .dataframe(topic)
    .lookup(users(asked), 'user', ['name'], { keep: '1m', keepMissing: '10s' })
    .sink(list)
  await driver.start(app)
  const feed = async (...names: string[]) => {
    await driver.feed(
      topic,
      sales(...names).map(value => ({ value, timestamp: 1_000 })),
    )
    await driver.advance('2s')
  }
  await feed('a', 'c')
  await feed('a', 'c', 'b')
  await driver.advance('10s')
  await feed('a', 'c')
  await driver.advance('1m')
  await feed('a')
  expect(asked.map(keys => keys.flat())).toEqual([['a', 'c'], ['b'], ['c'], ['a']])
  expect(app.status().tasks[0]?.counters).toMatchObject({ keys_looked_up: 5, keys_not_found: 2 })
  await driver.stop()
  expect(list.rows.length).toBe(8)
})

test('records behind it keep their order, whatever had to be asked for', async () => {
  const app = new Application({ id: 'shop', batchRecordsMax: 3 })
  const names = Array.from({ length: 40 }, (_, i) => `k${(i * 7) % 5}`)
  const rows = await app
    .dataframe(fromArray(sales(...names), { schema: Sale }))
    .lookup(users(), 'user', ['age'], { rowsMax: 2 })
    .collect()
  expect(rows.map(({ n }) => n)).toEqual(names.map((_, n) => n))
})

test('an answer for fewer keys than were asked for stops the run', async () => {
  const app = new Application({ id: 'shop', onError: fail() })
  const frame = app.dataframe(fromArray(sales('a', 'b'), { schema: Sale })).lookup(
    users([], n => n - 1),
    'user',
    ['age'],
  )
  await expect(frame.collect()).rejects.toMatchObject({
    code: 'LOOKUP_FAILED',
    place: { step: 'lookup#1' },
  })
})

test('a key of several columns is one where each part is the same', async () => {
  const asked: LookupKey[][] = []
  const Place = schema({ shelf: t.string(), nr: t.int32(), what: t.string() })
  const places: LookupDefinition<typeof Place.row> = {
    name: 'places',
    schema: Place,
    key: [
      { name: 'shelf', type: t.string() },
      { name: 'nr', type: t.int32() },
    ],
    create: () => ({
      open: async () => {},
      rows: async keys => {
        asked.push([...keys])
        return keys.map(key => [key.join('/')])
      },
      close: async () => {},
    }),
  }
  const From = schema({ n: t.int32().nullable(), s: t.string() })
  const input = [
    { n: 1, s: 'a' },
    { n: 1, s: 'b' },
    { n: null, s: 'a' },
    { n: 1, s: 'a' },
  ]
  const rows = await new Application({ id: 'shop' })
    .dataframe(fromArray(input, { schema: From }))
    .lookup(places, ['s', 'n'], ['what'])
    .collect()
  expect(rows.map(({ what }) => what)).toEqual(['a/1', 'b/1', null, 'a/1'])
  expect(asked).toEqual([
    [
      ['a', 1],
      ['b', 1],
    ],
  ])
})

test('a key that cannot be one goes to the policy, alone', async () => {
  const warnings: string[] = []
  const log = { ...SILENT, warn: (_: object, text: string) => warnings.push(text) }
  const rows = await new Application({ id: 'shop', log })
    .dataframe(fromArray(sales('a', 'b'), { schema: Sale }))
    .map(({ user, n }) => ({ user: n === 0 ? { no: 'key' } : user, n }))
    .lookup(users(), 'user', ['name'], { onError: skip() })
    .collect()
  expect(warnings.join()).toMatch(/the key of a lookup is text, .* column "user"/)
  expect(rows).toEqual([{ user: 'b', n: 1, name: 'Bob' }])
})

describe('a lookup that is asked for each record', () => {
  const each = (asked: LookupKey[][], answers: (n: number) => unknown): LookupDefinition => ({
    name: 'each',
    schema: schema({ applied: t.boolean() }),
    key: [
      { name: 'user', type: t.string() },
      { name: 'n', type: t.int32() },
    ],
    perRecord: true,
    create: () => ({
      open: async () => {},
      rows: async keys => {
        asked.push([...keys])
        return keys.map(([, n]) => answers(n as number)) as never
      },
      close: async () => {},
    }),
  })
  const run = (definition: LookupDefinition, rows: object[], onError = fail()) =>
    new Application({ id: 'shop', log: SILENT })
      .dataframe(fromArray(rows as never, { schema: Sale }))
      .lookup(definition, ['user', 'n'], ['applied'], { onError })
      .collect()

  test('is asked in their order, for nulls and equal keys, too', async () => {
    const asked: LookupKey[][] = []
    const rows = [
      { user: 'a', n: 1 },
      { user: null, n: 2 },
      { user: 'a', n: 1 },
    ]
    let nth = 0
    expect(
      await run(
        each(asked, () => [nth++ === 0]),
        rows,
      ),
    ).toEqual(rows.map((row, i) => ({ ...row, applied: i === 0 })))
    expect(asked).toEqual([
      [
        ['a', 1],
        [null, 2],
        ['a', 1],
      ],
    ])
  })

  test('may refuse a record, which goes to the policy alone', async () => {
    const refusal = new MillraceError('LOOKUP_FAILED', 'too long.')
    const rows = [1, 2, 3].map(n => ({ user: 'a', n }))
    const refusing = each([], n => (n === 2 ? refusal : [true]))
    expect((await run(refusing, rows, skip())).map(({ n }) => n)).toEqual([1, 3])
    await expect(run(refusing, rows)).rejects.toThrow(
      'LOOKUP_FAILED: too long. (at step lookup#1, topic array/0 offset 1',
    )
  })

  test('keeps nothing, so it is not told what to keep', () => {
    const frame = new Application({ id: 'shop' }).dataframe(fromArray([], { schema: Sale }))
    const add = (options: object) =>
      frame.lookup(
        each([], () => []),
        ['user', 'n'],
        ['applied'],
        options,
      )
    expect(() => add({ keep: '1m' })).toThrow(
      'each is asked for each record, so nothing is kept: leave keep out.',
    )
    expect(add({}).explain()).toContain('applied from each by user, n, each record')
  })
})
