/**
 * Processes that are killed in the middle of their work: afterwards every window of every user has
 * exactly the right value, by a recomputation that knows the input alone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Application, json } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer } from './native-client.ts'
import { closeAll, newName, newTopic, open } from './transport-session.ts'

const PROGRAM = new URL('./programs/count-windows.mjs', import.meta.url).pathname
const BASE = 1_750_000_000_000
const RECORDS = 24_000
const USERS = 50
const PARTITIONS = 4
const KILLS = 4

const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await closeAll()
})

const record = (i: number) => ({ user: `u${(i * 7_919) % USERS}`, amount: i % 10 })
const timeOf = (i: number): number => BASE + i * 20

/** `user window_start` to `n total`, straight from the rule that makes the input. */
function expected(): Map<string, string> {
  const sums = new Map<string, { n: number; total: number }>()
  for (let i = 0; i < RECORDS; i++) {
    const { user, amount } = record(i)
    const key = `${user} ${Math.floor(timeOf(i) / 10_000) * 10_000}`
    const sum = sums.get(key) ?? { n: 0, total: 0 }
    sums.set(key, { n: sum.n + 1, total: sum.total + amount })
  }
  return new Map([...sums].map(([key, { n, total }]) => [key, `${n} ${total}`]))
}

/** Writes the input at a steady pace; `told` hears how far it is. */
async function feed(topic: string, told: (share: number) => void): Promise<void> {
  const writer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
  const slice = RECORDS / 120
  for (let i = 0; i < RECORDS; i++) {
    const value = Buffer.from(JSON.stringify(record(i)))
    writer.produce(topic, i % PARTITIONS, value, null, timeOf(i))
    if (i % slice !== 0) continue
    await call(writer, 'flush', 10_000)
    told(i / RECORDS)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  await call(writer, 'flush', 10_000)
  await disconnect(writer)
}

interface WindowRow {
  readonly user: string
  readonly window_start: number
  readonly n: number
  readonly total: number
}

async function results(topic: string): Promise<WindowRow[]> {
  const broker = kafka({ 'bootstrap.servers': inject('kafka') })
  const app = new Application({ id: newName('check'), broker })
  return app.dataframe(app.topic(topic, { value: json<WindowRow>() })).collect()
}

test.each(['at-least-once', 'exactly-once'])(
  '%s: what is killed goes on and every window is right',
  async guarantee => {
    const transport = await open(kafka({ 'bootstrap.servers': inject('kafka') }))
    const input = await newTopic(transport, PARTITIONS)
    const output = await newTopic(transport, 2)
    const args = [PROGRAM, inject('kafka'), newName('crash'), input, output, guarantee]
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, args, { env: { ...process.env, MILLRACE_LOG: 'warn' } })
      children.push(child)
      return child
    }
    const running = [start(), start()]
    let kills = 0
    await feed(input, share => {
      if (kills === KILLS || share < (kills + 1) / (KILLS + 1)) return
      const victim = kills++ % running.length
      running[victim]?.kill('SIGKILL')
      running[victim] = start()
    })
    expect(kills).toBe(KILLS)
    const want = expected()
    const seen = async (): Promise<Map<string, Set<string>>> => {
      const found = new Map<string, Set<string>>()
      for (const { user, window_start, n, total } of await results(output)) {
        const key = `${user} ${window_start}`
        found.set(key, (found.get(key) ?? new Set()).add(`${n} ${total}`))
      }
      return found
    }
    await expect.poll(async () => (await seen()).size, { timeout: 60_000 }).toBe(want.size)
    for (const child of running) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    const rows = await results(output)
    const wrong = [...(await seen())].filter(([key, values]) => {
      const value = want.get(key)
      return values.size !== 1 || value === undefined || !values.has(value)
    })
    expect(wrong).toEqual([])
    if (guarantee === 'exactly-once') expect(rows).toHaveLength(want.size)
  },
  180_000,
)
