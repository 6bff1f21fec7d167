/** Rows that go together: as bytes of our own, or value by value where the client is not plain. */
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, schema, t } from '@millrace/core'
import { type Client, tracker } from 'cassandra-driver'
import { describe, expect, test } from 'vitest'
import { connect, rowsOf, testSession } from './session.ts'

const db = testSession()

/** Requests as somebody sees them who watches the client. */
interface Watched {
  readonly client: Client
  readonly batches: Watcher['batches']
}

class Watcher extends tracker.RequestLogger {
  readonly batches: { readonly length: number; readonly values: unknown[][] }[] = []
  override onSuccess(...args: Parameters<tracker.RequestLogger['onSuccess']>): void {
    const [, queries, , , length] = args
    if (!Array.isArray(queries)) return
    this.batches.push({ length, values: queries.map(({ params }) => [...params]) })
  }
}

async function watchedClient(isPlain: boolean): Promise<Watched> {
  const watcher = new Watcher({ slowThreshold: 1_000_000 })
  const client = await connect({ requestTracker: watcher })
  if (!isPlain) client.batch = client.batch.bind(client) as Client['batch']
  return { client, batches: watcher.batches }
}

const Row = schema({
  'a b': t.int32(),
  at: t.timestamp(),
  name: t.string().nullable(),
  size: t.float64().nullable(),
  bytes: t.bytes().nullable(),
  live: t.boolean(),
  tags: t.json().nullable(),
  gone: t.boolean(),
})
const COLUMNS =
  '"a b" int, at timestamp, name text, size double, bytes blob, live boolean, tags set<text>, ' +
  'PRIMARY KEY (("a b", live), at)'
const NOW = 1_750_000_000_000

/** Each partition has rows that are written, written again without a value, and deleted. */
const ROWS = Array.from({ length: 400 }, (_, i) => ({
  'a b': i % 7,
  at: NOW + (i % 90),
  name: i % 3 === 0 ? null : 'ä'.repeat(i % 50),
  size: i % 5 === 0 ? null : i / 3,
  bytes: i % 2 === 0 ? new Uint8Array(i % 70) : null,
  live: i % 4 < 2,
  tags: i % 11 === 0 ? [`tag ${i}`] : null,
  gone: i % 13 === 0,
}))

async function write(client: Client, table: string): Promise<void> {
  const app = new Application({ id: 'batches' })
  app
    .dataframe(fromArray(ROWS, { schema: Row, timestamp: 'at' }))
    .sink(cassandra(client).table(table, { deleteWhere: 'gone' }))
  await app.run({ until: 'end' })
}

/** What is left when writes and deletes come one after the other. */
function expected(): Map<string, unknown[]> {
  const left = new Map<string, unknown[]>()
  for (const row of ROWS) {
    const key = `${row['a b']} ${row.live} ${row.at}`
    const before = left.get(key) ?? [null, null, null, null]
    const tags = row.tags === null ? null : row.tags.join()
    const bytes = row.bytes === null ? null : row.bytes.length
    const now = [row.name, row.size, bytes, tags]
    if (row.gone) left.delete(key)
    else
      left.set(
        key,
        now.map((value, i) => value ?? before[i]),
      )
  }
  return left
}

async function stored(table: string): Promise<Map<string, unknown[]>> {
  const rows = await rowsOf(db.client, `SELECT * FROM ${table}`)
  return new Map(
    rows.map(({ 'a b': a, live, at, name, size, bytes, tags }) => [
      `${a} ${live} ${Number(at)}`,
      [
        name,
        size,
        (bytes as Buffer | null)?.length ?? null,
        (tags as string[] | null)?.join() ?? null,
      ],
    ]),
  )
}

describe.each([
  ['as bytes', true],
  ['value by value', false],
])('rows that go together %s', (_, isPlain) => {
  test('end as if they had come one by one, and whoever watches sees their values', async () => {
    const { client, batches } = await watchedClient(isPlain)
    const table = await db.newTable(COLUMNS)
    await write(client, table)
    expect(await stored(table)).toEqual(expected())
    expect(batches.length).toBeGreaterThan(0)
    for (const { length, values } of batches) {
      expect(values.length).toBeGreaterThan(1)
      expect(values.flat().some(value => Buffer.isBuffer(value))).toBe(true)
      const bytes = values.flat().reduce((sum: number, value) => sum + sizeOf(value), 0)
      expect(length).toBeGreaterThan(bytes)
    }
  })

  test('are written when the server has forgotten their statement', async () => {
    const { client } = await watchedClient(isPlain)
    const table = await db.newTable(COLUMNS)
    await write(client, table)
    await db.client.execute(`TRUNCATE ${table}`)
    await db.client.execute(`ALTER TABLE ${table} ADD more text`)
    await write(client, table)
    expect((await stored(table)).size).toBeGreaterThan(0)
  })
})

function sizeOf(value: unknown): number {
  return Buffer.isBuffer(value) ? value.length : 0
}
