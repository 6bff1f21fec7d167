/**
 * Three nodes, every row on all of them, written with a quorum: one node is killed while rows are
 * written, then all three. Nothing is lost, the application waits and says why, and afterwards it
 * is as fast as before. A node writes its log before it answers (`commitlog_sync: batch`), because
 * what a whole cluster forgets of what it acknowledged no client can know.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, json, type Logger, schema, string, t } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { Client, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startCassandra } from '../../scripts/services/cassandra.mjs'
import { until } from './transport-session.ts'

/** Rows that are fed at a time. */
const PORTION = 6_000
const PORTIONS = 5
const KEYS = 1_000
const RATE = 1_000
const AWAY_MS = 20_000
const REPLICATION = { class: 'NetworkTopologyStrategy', datacenter1: 3 }

let cluster: Awaited<ReturnType<typeof startCassandra>>
let client: Client

beforeAll(async () => {
  cluster = await startCassandra({
    nodes: 3,
    settings: { commitlog_sync: 'batch', commitlog_sync_period: undefined },
    say: line => console.log(line),
  })
  client = new Client(where())
}, 600_000)
afterAll(async () => {
  await client?.shutdown()
  await cluster?.stop()
}, 60_000)

function where() {
  const { contactPoints, localDataCenter, port } = cluster
  return {
    contactPoints: [...contactPoints],
    localDataCenter,
    protocolOptions: { port },
  }
}

const Change = schema({ id: t.string(), n: t.int32(), gone: t.boolean(), at: t.timestamp() })

/** Times that go back and forth, and a fifth of all changes deletes. */
const changes = Array.from({ length: PORTION * PORTIONS }, (_, n) => ({
  id: `k${(n * 7919) % KEYS}`,
  n,
  gone: (n + Math.floor(n / KEYS)) % 5 === 0,
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

const warnings: string[] = []
const log: Logger = {
  debug() {},
  info() {},
  warn: (_, text) => warnings.push(text),
  error: (_, text) => warnings.push(text),
}

function application(id: string): Application {
  const settings = { 'bootstrap.servers': inject('kafka'), 'session.timeout.ms': 10_000 }
  return new Application({ id, broker: kafka(settings), commitInterval: 500, log })
}

function changesOf(app: Application) {
  return app.topic('cassandra-nodes', {
    key: string(),
    keyColumn: 'id',
    value: json(Change),
    timestamp: 'at',
    create: { partitions: 2 },
  })
}

/** Writes the next portion of changes to the topic. */
async function feed(nth: number): Promise<void> {
  const app = application(`cassandra-nodes-in-${nth}`)
  const rows = changes.slice(nth * PORTION, (nth + 1) * PORTION)
  app.dataframe(fromArray(rows, { schema: Change, timestamp: 'at' })).toTopic(changesOf(app))
  await app.run({ until: 'end' })
}

/** Keeps the table, until it is stopped. */
function keeper(): Application {
  const app = application('cassandra-nodes')
  const sink = cassandra(where()).table('nodes.kept', {
    key: ['id'],
    skip: ['at'],
    deleteWhere: 'gone',
    create: { replication: REPLICATION },
    consistency: 'quorum',
    rateMax: RATE,
    retryFor: '10m',
    // So that what is read is soon written.
    bufferBytesMax: 128 * 1024,
  })
  app.dataframe(changesOf(app)).sink(sink)
  return app
}

test('a node that is killed costs nothing, a cluster that is away is waited for', async () => {
  await feed(0)
  const app = keeper()
  let failure: unknown = null
  const running = app.run().catch(error => {
    failure = error
  })
  const done = () => app.status().tasks.reduce((sum, { position }) => sum + position, 0)
  const reach = (count: number, timeoutMs = 180_000) =>
    until(`${count} records are read`, () => failure !== null || done() >= count, timeoutMs)
  /** Rows per second within a portion, from a thousand of them on. */
  const rateOf = async (nth: number): Promise<number> => {
    await reach(nth * PORTION + 1_000)
    const [from, began] = [done(), performance.now()]
    await reach((nth + 1) * PORTION)
    return Math.round(((done() - from) * 1_000) / (performance.now() - began))
  }
  const isWaiting = () => app.status().tasks.some(({ waitsFor }) => waitsFor !== null)

  const before = await rateOf(0)

  await feed(1)
  await reach(PORTION + 500)
  await cluster.nodes[1]?.kill()
  const withoutOne = await rateOf(1)
  await cluster.nodes[1]?.restart()
  await cluster.untilUp()
  await feed(2)
  const withItAgain = await rateOf(2)

  await feed(3)
  await reach(3 * PORTION + 500)
  await Promise.all(cluster.nodes.map(node => node.kill()))
  await until('the status says that it waits', isWaiting)
  expect(app.status().tasks.find(({ waitsFor }) => waitsFor !== null)?.waitsFor).toMatch(
    /^cassandra#1: Cassandra does not take rows: /,
  )
  await until('the log does', () => warnings.some(text => text.includes('does not take rows')))
  const whenAway = done()
  await sleep(AWAY_MS)
  // What fits into its buffer.
  expect(done() - whenAway).toBeLessThan(3_000)
  expect(app.status()).toMatchObject({ state: 'running' })
  expect(app.status().tasks.length).toBe(2)
  for (const node of cluster.nodes) await node.restart()
  await cluster.untilUp()
  await reach(4 * PORTION)
  await feed(4)
  const afterAll = await rateOf(4)
  await app.stop()
  await running
  expect(failure).toBeNull()

  console.log({ before, withoutOne, withItAgain, afterAll })
  expect(Math.min(withoutOne, withItAgain, afterAll)).toBeGreaterThan(before / 3)
  const { rows } = await client.execute('SELECT id, n FROM nodes.kept', [], {
    consistency: types.consistencies.quorum,
    fetchSize: 5_000,
  })
  expect(new Map(rows.map(({ id, n }) => [id, n]))).toEqual(expected())
}, 900_000)
