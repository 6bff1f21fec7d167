/**
 * A storm of processes that join and leave while input flows, under both group protocols: commits
 * go on meanwhile, and afterwards every window of every user is there once and right.
 *
 * MILLRACE_STORM_SECONDS says how long it lasts.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Application, json } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer } from './native-client.ts'
import { closeAll, newName, newTopic, open, until } from './transport-session.ts'

const PROGRAM = new URL('./programs/count-windows.mjs', import.meta.url).pathname
const BASE = 1_750_000_000_000
const USERS = 20
const PARTITIONS = 4
const STORM_MS = Number(process.env['MILLRACE_STORM_SECONDS'] ?? 12) * 1_000
/** Slices of input, each of which is all of one window of every user. */
const SLICES = Math.ceil(STORM_MS / 500)
const SLICE_RECORDS = 200
const SLICE_MS = 10_000

const children = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  await closeAll()
})

/** Writes one window of input. */
async function feed(writer: unknown, topic: string, slice: number): Promise<void> {
  const native = writer as { produce(...record: readonly unknown[]): void }
  for (let i = 0; i < SLICE_RECORDS; i++) {
    const value = Buffer.from(JSON.stringify({ user: `u${i % USERS}`, amount: i % 7 }))
    const time = BASE + slice * SLICE_MS + (i * SLICE_MS) / SLICE_RECORDS
    native.produce(topic, i % PARTITIONS, value, null, time)
  }
  await call(writer, 'flush', 10_000)
}

/** `user window_start n total`, straight from the rule that makes the input. */
function expected(): string[] {
  const rows: string[] = []
  for (let slice = 0; slice < SLICES; slice++) {
    for (let user = 0; user < USERS; user++) {
      let n = 0
      let total = 0
      for (let i = user; i < SLICE_RECORDS; i += USERS) {
        n++
        total += i % 7
      }
      rows.push(`u${user} ${BASE + slice * SLICE_MS} ${n} ${total}`)
    }
  }
  return rows.sort()
}

interface WindowRow {
  readonly user: string
  readonly window_start: number
  readonly n: number
  readonly total: number
}

async function results(topic: string): Promise<string[]> {
  const broker = kafka({ 'bootstrap.servers': inject('kafka') })
  const app = new Application({ id: newName('check'), broker })
  const rows = await app.dataframe(app.topic(topic, { value: json<WindowRow>() })).collect()
  return rows.map(({ user, window_start, n, total }) => `${user} ${window_start} ${n} ${total}`)
}

async function leave(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  children.delete(child)
}

/** Starts processes, and notes how those ended that did not end well. */
function starter(args: readonly string[]) {
  const failures: string[] = []
  const join = (): ChildProcess => {
    const child = spawn(process.execPath, args, { env: { ...process.env, MILLRACE_LOG: 'warn' } })
    let said = ''
    child.stderr?.on('data', text => {
      said += text
    })
    child.on('exit', code => {
      if (code !== 0 && code !== null) failures.push(`exit ${code}: ${said.slice(-500)}`)
    })
    children.add(child)
    return child
  }
  return { join, failures }
}

test.each(['classic', 'consumer'])(
  'a storm of joins and leaves, group protocol %s',
  async protocol => {
    const transport = await open(kafka({ 'bootstrap.servers': inject('kafka') }))
    const input = await newTopic(transport, PARTITIONS)
    const output = await newTopic(transport, 2)
    const id = newName(`storm-${protocol}`)
    const args = [PROGRAM, inject('kafka'), id, input, output, 'exactly-once', protocol]
    const { join, failures } = starter(args)
    const writer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
    join()
    const visitors: ChildProcess[] = []
    const leaving: Promise<void>[] = []
    let seenInStorm = 0
    for (let slice = 0; slice < SLICES; slice++) {
      await feed(writer, input, slice)
      // Every second somebody joins, or the one that is there longest leaves.
      if (slice % 4 === 0) visitors.push(join())
      if (slice % 4 === 2 && visitors.length > 1) leaving.push(leave(visitors.shift() as never))
      await new Promise(resolve => setTimeout(resolve, 500))
      if (slice === SLICES - 1) seenInStorm = (await results(output)).length
    }
    await disconnect(writer)
    const want = expected()
    await until(
      'every window is out',
      async () => (await results(output)).length >= want.length,
      90_000,
    )
    await Promise.all([...leaving, ...[...children].map(leave)])
    expect((await results(output)).sort()).toEqual(want)
    expect(failures).toEqual([])
    expect(seenInStorm).toBeGreaterThan(0)
  },
  240_000,
)

test.each(['classic', 'consumer'])(
  'a process that is frozen beyond its session adds nothing and loses nothing, group protocol %s',
  async protocol => {
    const transport = await open(kafka({ 'bootstrap.servers': inject('kafka') }))
    const input = await newTopic(transport, PARTITIONS)
    const output = await newTopic(transport, 2)
    const id = newName(`frozen-${protocol}`)
    const args = [PROGRAM, inject('kafka'), id, input, output, 'exactly-once', protocol]
    const { join, failures } = starter(args)
    const writer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
    const frozen = join()
    await feed(writer, input, 0)
    await feed(writer, input, 1)
    await until('it works', async () => (await results(output)).length > 0, 60_000)
    frozen.kill('SIGSTOP')
    join()
    for (let slice = 2; slice < SLICES; slice++) await feed(writer, input, slice)
    const want = expected()
    const all = async () => (await results(output)).length >= want.length
    await until('the other has done everything', all, 90_000)
    frozen.kill('SIGCONT')
    await disconnect(writer)
    // It wakes and does its last commit, which is refused when it has not joined again before.
    await Promise.all([...children].map(leave))
    expect((await results(output)).sort()).toEqual(want)
    expect(failures.filter(said => !said.includes("code: 'FENCED'"))).toEqual([])
  },
  240_000,
)
