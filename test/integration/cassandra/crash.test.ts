/** A process that is killed while it writes rows, again and again: the table ends as it should. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Application, fromArray, json, schema, string, t } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startKafka } from '../../../scripts/services/kafka.mjs'
import { connect, disconnectAll, newKeyspace, rowsOf } from './session.ts'

const PROGRAM = new URL('../programs/keep-rows.mjs', import.meta.url).pathname
const COUNT = 20_000
const KEYS = 300
const KILLS = 3

let broker: Awaited<ReturnType<typeof startKafka>>
let client: Client
const children: ChildProcess[] = []

beforeAll(async () => {
  broker = await startKafka()
  client = await connect()
}, 200_000)
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await disconnectAll()
  await broker?.stop()
})

/** Times that go back and forth, and a fifth of all changes deletes. */
const changes = Array.from({ length: COUNT }, (_, n) => ({
  id: `k${(n * 7919) % KEYS}`,
  n,
  gone: (n * 31) % 5 === 0,
  at: 1_750_000_000_000 + n - ((n * 17) % 400),
}))

/** The last change of each key. */
function expected(): Map<string, number> {
  const rows = new Map<string, number>()
  for (const { id, n, gone } of changes) {
    if (gone) rows.delete(id)
    else rows.set(id, n)
  }
  return rows
}

function start(table: string, ...more: string[]): ChildProcess {
  const port = String(inject('cassandra').protocolOptions.port)
  const args = [PROGRAM, broker.bootstrap, 'changes', port, table, ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  return child
}

test('a table is what its topic says, however often the writer was killed', async () => {
  const table = `${await newKeyspace(client)}.kept`
  await client.execute(`CREATE TABLE ${table} (id text PRIMARY KEY, n int)`)
  const Change = schema({ id: t.string(), n: t.int32(), gone: t.boolean(), at: t.timestamp() })
  const app = new Application({
    id: 'changes',
    broker: kafka({ 'bootstrap.servers': broker.bootstrap }),
  })
  const topic = app.topic('changes', {
    key: string(),
    keyColumn: 'id',
    value: json(Change),
    create: { partitions: 2 },
  })
  app.dataframe(fromArray(changes, { schema: Change, timestamp: 'at' })).toTopic(topic)
  await app.run({ until: 'end' })

  const newest = async (): Promise<number> =>
    Math.max(-1, ...(await rowsOf(client, `SELECT n FROM ${table}`)).map(({ n }) => Number(n)))
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await newest()
    const child = start(table)
    await expect.poll(newest, { timeout: 100_000, interval: 50 }).toBeGreaterThan(before)
    // Anywhere in an epoch.
    await sleep(kill * 230)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const last = start(table, 'end')
  expect(await once(last, 'exit')).toEqual([0, null])
  const stored = await rowsOf(client, `SELECT id, n FROM ${table}`)
  expect(new Map(stored.map(({ id, n }) => [id, n]))).toEqual(expected())
}, 300_000)
