/** Tables of a real server, read as sources. */
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, listSink, type Source, schema, t } from '@millrace/core'
import { testSource } from '@millrace/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { testSession } from './session.ts'

const db = testSession(async ({ client, ks }) => {
  await client.execute(
    `CREATE TABLE ${ks}.visits (user text, at int, page text, PRIMARY KEY (user, at))`,
  )
  for (const [user, count] of Object.entries(VISITS)) {
    for (let at = 0; at < count; at++) {
      const query = `INSERT INTO ${ks}.visits (user, at, page) VALUES (?, ?, ?)`
      await client.execute(query, [user, at, `page ${at % 7}`], { prepare: true })
    }
  }
})

/** One user has far more than a page. */
const VISITS = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [`user-${i}`, i === 7 ? 95 : 1 + (i % 3)]),
)
const ALL = Object.entries(VISITS)
  .flatMap(([user, count]) => Array.from({ length: count }, (_, at) => `${user}/${at}`))
  .sort()

const visits = (options: object = {}) =>
  cassandra(db.client).source(`${db.ks}.visits`, { pageRows: 10, ...options })

async function namesOf(source: Source, from: string | null = null, partition = 0) {
  const reader = await source.open(partition, from)
  const rows: { name: string; position: string }[] = []
  for (let isEnd = false; !isEnd; ) {
    const chunk = await reader.read(1)
    const [record] = chunk.records
    if (record !== undefined) {
      const { user, at } = record.value
      rows.push({ name: `${user}/${at}`, position: chunk.position })
    }
    isEnd = chunk.isEnd
  }
  await reader.close()
  return rows
}

describe('the exam', () => {
  let source: Source
  beforeAll(async () => {
    source = await visits({ partitions: 3 })
  })
  // Asked for its name before there is a server.
  const late: Source = Object.freeze({
    name: 'table of Cassandra',
    isBounded: true,
    get schema() {
      return source.schema
    },
    get partitionCount() {
      return source.partitionCount
    },
    open: (...of: Parameters<Source['open']>) => source.open(...of),
  })
  testSource({ describe, test, expect }, () => late)
})

test('reads each row once, in any number of pieces, partitions whole', async () => {
  for (const partitions of [1, 5]) {
    const source = await visits({ partitions, concurrency: 3 })
    const pieces = await Promise.all(
      Array.from({ length: partitions }, (_, nth) => namesOf(source, null, nth)),
    )
    const names = pieces.flat().map(({ name }) => name)
    expect([...names].sort()).toEqual(ALL)
    const wide = names.filter(name => name.startsWith('user-7/'))
    expect(wide).toEqual(Array.from({ length: 95 }, (_, at) => `user-7/${at}`))
  }
})

test('goes on in the middle, also of a partition larger than a page', async () => {
  const rows = await namesOf(await visits())
  const wide = rows.findIndex(({ name }) => name === 'user-7/42')
  const other = await visits({ pageRows: 3, concurrency: 7 })
  for (const at of [0, wide, rows.length - 2, rows.length - 1]) {
    const rest = await namesOf(other, rows[at]?.position)
    expect(rest.map(({ name }) => name)).toEqual(rows.slice(at + 1).map(({ name }) => name))
  }
})

test('refuses a position of another piece', async () => {
  const source = await visits({ partitions: 2 })
  const [first] = await namesOf(source, null, 0)
  await expect(source.open(1, first?.position ?? '')).rejects.toMatchObject({
    code: 'FORMAT_UNKNOWN',
  })
  await expect(source.open(0, 'nonsense')).rejects.toThrow(/is no position of tokens/)
})

test('asks only for the columns that are looked at', async () => {
  const asked: string[] = []
  const watched = new Proxy(db.client, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown
      if (name !== 'execute') return typeof value === 'function' ? value.bind(target) : value
      return (query: string, ...rest: []) => {
        asked.push(query)
        return target.execute(query, ...rest)
      }
    },
  })
  const source = await cassandra(watched).source(`${db.ks}.visits`)
  const app = new Application({ id: 'pruned' })
  const rows = await app.dataframe(source).select('page').collect()
  expect(rows.length).toBe(ALL.length)
  const reads = asked.filter(query => query.includes('token('))
  expect(reads.length).toBeGreaterThan(0)
  for (const query of reads) expect(query).toMatch(/^SELECT token\("user"\), "page" FROM/)
})

test('an empty table has no rows', async () => {
  await db.client.execute(`CREATE TABLE ${db.ks}.empty (id int PRIMARY KEY, n counter)`)
  const app = new Application({ id: 'empty' })
  const source = await cassandra(db.client).source(`${db.ks}.empty`, { partitions: 2 })
  expect(await app.dataframe(source).collect()).toEqual([])
})

const UUID = '123e4567-e89b-42d3-a456-426614174000'
const TIMEUUID = '123e4567-e89b-12d3-a456-426614174000'

/** Type, value in CQL, and what it is in a row. */
const VALUES: readonly (readonly [type: string, cql: string, cell: unknown])[] = [
  ['ascii', "'abc'", 'abc'],
  ['text', "'ä😀'", 'ä😀'],
  ['tinyint', '-128', -128],
  ['smallint', '32767', 32_767],
  ['int', '-2147483648', -(2 ** 31)],
  ['bigint', '9223372036854775807', 2n ** 63n - 1n],
  ['varint', '123456789012345678901234567890', '123456789012345678901234567890'],
  ['float', '1.5', 1.5],
  ['double', '1e-300', 1e-300],
  ['decimal', '-12.50', '-12.50'],
  ['boolean', 'true', true],
  ['uuid', UUID, UUID],
  ['timeuuid', TIMEUUID, TIMEUUID],
  ['timestamp', '1750000000123', 1_750_000_000_123],
  ['date', "'2026-02-28'", '2026-02-28'],
  ['time', "'10:30:00.000000001'", '10:30:00.000000001'],
  ['duration', '1mo2d3h', '1mo2d3h'],
  ['inet', "'192.168.0.1'", '192.168.0.1'],
  ['blob', '0xcafe', Buffer.from('cafe', 'hex')],
  ['list<int>', '[3, 1, 3]', [3, 1, 3]],
  ['list<bigint>', '[9007199254740993]', [9_007_199_254_740_993n]],
  ['set<text>', "{'b', 'a'}", ['a', 'b']],
  ['map<text, int>', "{'b': 2, 'a': 1}", { a: 1, b: 2 }],
  ['frozen<map<int, boolean>>', '{5: true}', { 5: true }],
  ['tuple<int, text>', '(1, null)', [1, null]],
  ['frozen<street>', "{name: 'Am Dom', numbers: [1, 2]}", { name: 'Am Dom', numbers: [1, 2] }],
  ['vector<float, 3>', '[1, 2.5, -3]', [1, 2.5, -3]],
]

test('gives every type as it is, and nulls', async () => {
  await db.client.execute(`CREATE TYPE ${db.ks}.street (name text, numbers list<int>)`)
  const columns = VALUES.map(([type], i) => `c${i} ${type}`).join(', ')
  await db.client.execute(`CREATE TABLE ${db.ks}.types (id int PRIMARY KEY, ${columns})`)
  const names = VALUES.map((_, i) => `c${i}`).join(', ')
  const values = VALUES.map(([, cql]) => cql).join(', ')
  await db.client.execute(`INSERT INTO ${db.ks}.types (id, ${names}) VALUES (1, ${values})`)
  await db.client.execute(`INSERT INTO ${db.ks}.types (id) VALUES (2)`)
  const app = new Application({ id: 'types' })
  const rows = await app.dataframe(await cassandra(db.client).source(`${db.ks}.types`)).collect()
  const byId = new Map(rows.map(row => [row['id'], row]))
  for (const [i, [type, , cell]] of VALUES.entries()) {
    const got = byId.get(1)?.[`c${i}`]
    expect([type, got instanceof Uint8Array ? Buffer.from(got) : got]).toEqual([type, cell])
    expect(byId.get(2)?.[`c${i}`]).toBeNull()
  }
})

test('what is written by the sink is read back as it was', async () => {
  const Row = schema({
    id: t.string(),
    big: t.int64(),
    x: t.float64(),
    at: t.timestamp(),
    raw: t.bytes().nullable(),
  })
  const written = Array.from({ length: 500 }, (_, i) => ({
    id: `${i}`,
    big: 2n ** 60n + BigInt(i),
    x: i / 3,
    at: 1_750_000_000_000 + i,
    raw: i % 2 === 0 ? null : Buffer.from([i & 0xff]),
  }))
  const first = new Application({ id: 'there' })
  const into = cassandra(db.client).table(`${db.ks}.copies`, { key: ['id'], create: true })
  first.dataframe(fromArray(written, { schema: Row })).sink(into)
  await first.run({ until: 'end' })
  const source = await cassandra(db.client).source(`${db.ks}.copies`, {
    schema: Row,
    timestamp: 'at',
  })
  const list = listSink<typeof Row.row>()
  const second = new Application({ id: 'back' })
  second.dataframe(source).sink(list)
  await second.run({ until: 'end' })
  const read = [...list.rows].sort((a, b) => Number(a.id) - Number(b.id))
  expect(read).toEqual(written)
})

test('tells everything that does not fit at once, and what there is instead of a table', async () => {
  const Wrong = schema({ user: t.int32(), when: t.timestamp(), page: t.string() })
  const reading = cassandra(db.client).source(`${db.ks}.visits`, { schema: Wrong })
  await expect(reading).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
  await expect(reading).rejects.toThrow(/column "user" of the frame is int32[\s\S]*no column when/)
  await expect(cassandra(db.client).source(`${db.ks}.visit`)).rejects.toThrow(
    /there is no table .*\.visit\. Did you mean "visits"\?/,
  )
})
