/**
 * A process that is killed while it writes rows, each time in the middle of a flush: its tables end
 * as they should, rows, totals of its state, and lists behind a fence; also when everything is
 * written once more, later, by a group that knows nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Application, fromArray, json, schema, string, t } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startKafka } from '../../../scripts/services/kafka.mjs'
import { connect, disconnectAll, newKeyspace, rowsOf } from './session.ts'

const PROGRAM = new URL('../programs/keep-rows.mjs', import.meta.url).pathname
const COUNT = 21_000
const KEYS = 301
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

/** What happens to a key within one millisecond; true deletes. */
const STORIES = [
  [false, true, false],
  [false, false, true],
  [true, false, false],
  [false, false, false],
]

/** Times go back and forth from story to story. */
const changes = Array.from({ length: COUNT / 3 }, (_, story) =>
  (STORIES[story % STORIES.length] ?? []).map((gone, nth) => ({
    id: `k${(story * 7919) % KEYS}`,
    n: story * 3 + nth,
    gone,
    at: 1_750_000_000_000 + story - ((story * 17) % 400),
  })),
).flat()

/** The last change of each key. */
function expected(): Map<string, number> {
  const rows = new Map<string, number>()
  for (const { id, n, gone } of changes) {
    if (gone) rows.delete(id)
    else rows.set(id, n)
  }
  return rows
}

interface Keeper {
  readonly child: ChildProcess
  /** Resolves when a flush is under way and so many have ended. */
  flushAfter(count: number): Promise<void>
  /** A flush began and has not ended, as far as it has told. */
  isFlushing(): boolean
}

/** @param id of the application, so of its group */
function start(table: string, id: string, ...more: string[]): Keeper {
  const port = String(inject('cassandra').protocolOptions.port)
  const args = [PROGRAM, broker.bootstrap, 'changes', port, table, id, ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let said = ''
  child.stdout.on('data', bytes => {
    said += bytes
  })
  const count = (word: string) => said.split(`${word}\n`).length - 1
  const isFlushing = () => count('flush') > count('flushed')
  return {
    child,
    isFlushing,
    flushAfter: ended =>
      expect
        .poll(() => isFlushing() && count('flushed') >= ended, { timeout: 100_000, interval: 10 })
        .toBe(true),
  }
}

/** What each key's changes add up to, and some of them as a list. */
function expectedSums() {
  const totals = new Map<string, readonly [changes: number, total: number]>()
  const lists = new Map<string, number[]>()
  for (const { id, n } of changes) {
    const [count, total] = totals.get(id) ?? [0, 0]
    totals.set(id, [count + 1, total + n])
    if (n % 30 === 0) lists.set(id, [...(lists.get(id) ?? []), n])
  }
  return { totals, lists }
}

/** Compares what the tables have with the changes. */
async function expectAll(table: string): Promise<void> {
  const rows = await rowsOf(client, `SELECT id, n FROM ${table}`)
  expect(new Map(rows.map(({ id, n }) => [id, n]))).toEqual(expected())
  const { totals, lists } = expectedSums()
  const sums = await rowsOf(client, `SELECT id, changes, total FROM ${table}_totals`)
  const made = sums.map(({ id, changes, total }) => [id, [Number(changes), Number(total)]] as const)
  expect(new Map(made)).toEqual(totals)
  const added = await rowsOf(client, `SELECT id, added FROM ${table}_lists`)
  expect(new Map(added.map(({ id, added }) => [id, added]))).toEqual(lists)
}

test('tables are what their topic says, however often the writer was killed in a flush', async () => {
  const table = `${await newKeyspace(client)}.kept`
  for (const columns of [
    ' (id text PRIMARY KEY, n int)',
    '_totals (id text PRIMARY KEY, changes bigint, total bigint)',
    '_lists (id text PRIMARY KEY, added list<int>, applied map<text, bigint>)',
  ]) {
    await client.execute(`CREATE TABLE ${table}${columns}`)
  }
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

  let killedInFlush = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, flushAfter, isFlushing } = start(table, 'keep-rows')
    await flushAfter(kill * 2)
    if (isFlushing()) killedInFlush++
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  expect(killedInFlush).toBeGreaterThan(0)
  const last = start(table, 'keep-rows', 'end')
  expect(await once(last.child, 'exit')).toEqual([0, null])
  await expectAll(table)

  const late = start(table, 'keep-rows-again', 'end')
  expect(await once(late.child, 'exit')).toEqual([0, null])
  await expectAll(table)
}, 600_000)
