/** Every type of CQL, written from a frame and read back by the driver. */
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { testSession } from './session.ts'

const db = testSession(async ({ client, ks }) => {
  await client.execute(`CREATE TYPE ${ks}.street (name text, numbers list<int>)`)
  await client.execute(`CREATE TYPE ${ks}.address (city text, street frozen<street>)`)
})

const UUID = '123e4567-e89b-42d3-a456-426614174000'
const TIMEUUID = '123e4567-e89b-12d3-a456-426614174000'
const ADDRESS = { city: 'Köln', street: { name: 'Am Dom', numbers: [1, 2] } }

/** Type, value, and what the server says of it as JSON. */
const VALUES: readonly (readonly [type: string, value: unknown, json?: unknown])[] = [
  ['ascii', 'abc'],
  ['text', 'ä😀"'],
  ['tinyint', -128],
  ['smallint', 32_767],
  ['int', -(2 ** 31)],
  ['bigint', 2n ** 63n - 1n, 9223372036854775807n],
  ['varint', '123456789012345678901234567890', 123456789012345678901234567890n],
  ['float', 1.5],
  ['double', 1e-300],
  ['decimal', '-12.50', -12.5],
  ['boolean', true],
  ['uuid', UUID],
  ['timeuuid', TIMEUUID],
  ['timestamp', 1_750_000_000_123, '2025-06-15 15:06:40.123Z'],
  ['date', '2026-02-28'],
  ['time', '10:30:00.000000001'],
  ['duration', '1mo2d3h'],
  ['inet', '192.168.0.1'],
  ['blob', new Uint8Array([202, 254]), '0xcafe'],
  ['list<int>', [3, 1, 3]],
  ['frozen<list<text>>', ['a']],
  ['set<text>', ['b', 'a', 'b'], ['a', 'b']],
  ['map<text, int>', { b: 2, a: 1 }, { a: 1, b: 2 }],
  ['map<int, boolean>', { 5: true }, { '5': true }],
  ['frozen<map<text, frozen<list<int>>>>', { a: [1] }],
  ['tuple<int, text>', [1, null]],
  ['address', ADDRESS],
  ['frozen<address>', ADDRESS],
  ['list<frozen<address>>', [ADDRESS, { city: 'Bonn' }], [ADDRESS, { city: 'Bonn', street: null }]],
  ['vector<float, 3>', [1, 2.5, -3]],
  ['vector<text, 2>', ['a', 'bc']],
]

test('is stored as it is', async () => {
  const columns = VALUES.map(([type], i) => `c${i} ${type}`).join(', ')
  await db.client.execute(`CREATE TABLE ${db.ks}.all_types (id text PRIMARY KEY, ${columns})`)
  const fields = Object.fromEntries(VALUES.map((_, i) => [`c${i}`, t.json()]))
  const row = Object.fromEntries(VALUES.map(([, value], i) => [`c${i}`, value]))
  const app = new Application({ id: 'types' })
  app
    .dataframe(fromArray([{ id: 'a', ...row }], { schema: schema({ id: t.string(), ...fields }) }))
    .sink(cassandra(db.client).table(`${db.ks}.all_types`))
  await app.run({ until: 'end' })
  const names = VALUES.map((_, i) => `toJson(c${i}) AS c${i}`).join(', ')
  const { rows } = await db.client.execute(`SELECT ${names} FROM ${db.ks}.all_types`)
  for (const [i, [type, value, told = value]] of VALUES.entries()) {
    const text = String(rows[0]?.[`c${i}`])
    const got = typeof told === 'bigint' ? BigInt(text) : JSON.parse(text)
    expect([type, got]).toEqual([type, told])
  }
})

test('from typed columns, straight from their bytes', async () => {
  await db.client.execute(
    `CREATE TABLE ${db.ks}.typed (a text PRIMARY KEY, b boolean, c int, d bigint, e bigint, ` +
      'f double, g timestamp, h blob, i date, j varint, k decimal)',
  )
  const Row = schema({
    a: t.string(),
    b: t.boolean(),
    c: t.int32(),
    d: t.int64(),
    e: t.int64({ as: 'number' }),
    f: t.float64(),
    g: t.timestamp(),
    h: t.bytes(),
    i: t.timestamp(),
    j: t.int64(),
    k: t.float64(),
  })
  const big = new Uint8Array(1_000_000).fill(7)
  const time = 1_750_000_000_123
  const row = {
    a: 'ä',
    b: false,
    c: -5,
    d: -(2n ** 63n),
    e: -1,
    f: -0.5,
    g: time,
    h: big,
    i: time,
    j: -300n,
    k: 0.1,
  }
  const app = new Application({ id: 'typed' })
  app
    .dataframe(fromArray([row], { schema: Row }))
    .sink(cassandra(db.client).table(`${db.ks}.typed`))
  await app.run({ until: 'end' })
  const { rows } = await db.client.execute(`SELECT * FROM ${db.ks}.typed`)
  const [stored] = rows
  expect(stored?.a).toBe('ä')
  expect(stored?.b).toBe(false)
  expect(stored?.c).toBe(-5)
  expect(String(stored?.d)).toBe('-9223372036854775808')
  expect(String(stored?.e)).toBe('-1')
  expect(stored?.f).toBe(-0.5)
  expect(stored?.g.getTime()).toBe(time)
  expect(stored?.h.equals(Buffer.from(big))).toBe(true)
  expect(String(stored?.i)).toBe('2025-06-15')
  expect(String(stored?.j)).toBe('-300')
  expect(String(stored?.k)).toBe('0.1')
})

test('changes parts of collections and of user-defined types', async () => {
  await db.client.execute(
    `CREATE TABLE ${db.ks}.parts (id text PRIMARY KEY, tags set<text>, seen map<text, int>, ` +
      'log list<text>, home address)',
  )
  const Row = schema({
    id: t.string(),
    tags: t.json().nullable(),
    old: t.json().nullable(),
    seen: t.json().nullable(),
    log: t.json().nullable(),
    city: t.string(),
  })
  const write = async (row: object, columns: object, skip: string[]) => {
    const app = new Application({ id: 'parts' })
    const whole = { id: 'a', tags: null, old: null, seen: null, log: null, city: 'Bonn', ...row }
    const sink = cassandra(db.client).table(`${db.ks}.parts`, {
      write: 'update',
      columns,
      skip,
    } as object)
    app.dataframe(fromArray([whole], { schema: Row })).sink(sink)
    await app.run({ until: 'end' })
  }
  const added = {
    tags: { add: 'tags' },
    seen: { add: 'seen' },
    log: { add: 'log' },
    'home.city': 'city',
  }
  await write({ tags: ['a', 'b'], seen: { x: 1, y: 2 }, log: ['1'] }, added, ['old'])
  await write({ tags: ['c'], seen: { x: 3 }, log: ['2'], city: 'Köln' }, added, ['old'])
  await write({ old: ['y'] }, { seen: { remove: 'old' } }, ['tags', 'log', 'city', 'seen'])
  const { rows } = await db.client.execute(`SELECT JSON * FROM ${db.ks}.parts`)
  expect(JSON.parse(String(rows[0]?.['[json]']))).toEqual({
    id: 'a',
    tags: ['a', 'b', 'c'],
    seen: { x: 3 },
    log: ['1', '2'],
    home: { city: 'Köln', street: null },
  })
})
