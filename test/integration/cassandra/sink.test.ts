/** The Cassandra sink against a real server: the exam of sinks, and what it does to tables. */
import { cassandra } from '@millrace/cassandra'
import { Application, count, fromArray, schema, t, tumbling } from '@millrace/core'
import { TestDriver, testSink } from '@millrace/core/testing'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, disconnectAll, newKeyspace, rowsOf } from './session.ts'

let client: Client
let ks: string

beforeAll(async () => {
  client = await connect()
  ks = await newKeyspace(client)
})
afterAll(disconnectAll)

let tables = 0

testSink(
  { describe, test, expect },
  async () => {
    const table = `${ks}.exam_${++tables}`
    await client.execute(`CREATE TABLE ${table} (id text PRIMARY KEY, n int, note text)`)
    return {
      definition: cassandra(client).table(table, { tombstones: 'ignore' }),
      visible: async () => {
        const rows = await rowsOf(client, `SELECT id, writetime(n) AS at FROM ${table}`)
        const sorted = rows.sort((a, b) => Number(a.at) - Number(b.at) || (String(a.id) < String(b.id) ? -1 : 1))
        return sorted.map(({ id }) => String(id))
      },
    }
  },
  { isTwoPhase: false },
)

const Purchase = schema({ user: t.string(), at: t.timestamp(), amount: t.float64() })

test('writes the results of windows, by name', async () => {
  await client.execute(
    `CREATE TABLE ${ks}.totals (user text, window_start timestamp, window_end timestamp, n bigint, PRIMARY KEY (user, window_start))`,
  )
  const app = new Application({ id: 'totals' })
  const rows = Array.from({ length: 500 }, (_, i) => ({
    user: `u${i % 7}`,
    at: 1_750_000_000_000 + i * 100,
    amount: i,
  }))
  app
    .dataframe(fromArray(rows, { schema: Purchase, timestamp: 'at' }))
    .groupBy('user')
    .window(tumbling('10s'))
    .agg(() => ({ n: count() }))
    .final()
    .sink(cassandra(client).table(`${ks}.totals`, { key: ['user', 'window_start'] }))
  await app.run({ until: 'end' })
  const stored = await rowsOf(client, `SELECT n FROM ${ks}.totals`)
  expect(stored.length).toBe(35)
  expect(stored.reduce((sum, { n }) => sum + Number(n), 0)).toBe(500)
})
