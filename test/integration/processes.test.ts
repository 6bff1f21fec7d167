/**
 * One application in several processes: they share the partitions and the log, one that is killed
 * is started again, all stop together, and what goes wrong in one is told by the one that started
 * them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Application, type ApplicationStatus, json } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { call, disconnect, nativeProducer } from './native-client.ts'
import { closeAll, newName, newTopic, open, until } from './transport-session.ts'

const PROGRAM = new URL('./programs/several-processes.mjs', import.meta.url).pathname
const BASE = 1_750_000_000_000
const WINDOW_MS = 10_000
const PARTITIONS = 4
const USERS = 20

type Said =
  | { readonly before: number }
  | { readonly status: ApplicationStatus }
  | { readonly after: number }

const children = new Set<ChildProcess>()
const pids = new Set<number>()
const folders = new Set<string>()

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
  children.clear()
  pids.clear()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders.clear()
  await closeAll()
})

/** The program, and what it and its processes have said. */
class Program {
  readonly id = newName('processes')
  readonly folder = mkdtempSync(join(tmpdir(), 'millrace-processes-'))
  readonly said: Said[] = []
  errors = ''
  readonly child: ChildProcess
  readonly exited: Promise<unknown>

  constructor(input: string, output: string, ...more: readonly string[]) {
    const args = [PROGRAM, inject('kafka'), this.id, input, output, this.folder, '2', ...more]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.exited = once(this.child, 'exit')
    children.add(this.child)
    folders.add(this.folder)
    const { stdout, stderr } = this.child
    if (stdout === null || stderr === null) throw new Error('the program has no output')
    createInterface({ input: stdout }).on('line', line => {
      const said = JSON.parse(line)
      this.said.push(said)
      if ('before' in said) pids.add(said.before)
    })
    stderr.setEncoding('utf8').on('data', text => {
      this.errors += text
    })
  }

  get status(): ApplicationStatus | undefined {
    const last = this.said.findLast(said => 'status' in said)
    return (last as { status: ApplicationStatus } | undefined)?.status
  }

  get childPids(): number[] {
    return this.status?.processes.flatMap(({ pid }) => pid ?? []) ?? []
  }

  /** Each process has some of the partitions. */
  async shared(): Promise<void> {
    await until(
      'the processes share the partitions',
      () =>
        this.status?.state === 'running' &&
        this.status.tasks.length === 2 * PARTITIONS &&
        this.status.processes.every(({ tasks }) => tasks.length > 0),
      60_000,
    )
  }
}

async function topics(): Promise<[string, string]> {
  const transport = await open(kafka({ 'bootstrap.servers': inject('kafka') }))
  return [await newTopic(transport, PARTITIONS), await newTopic(transport, PARTITIONS)]
}

/** Writes windows of input, 40 records of each in every partition. */
async function feed(topic: string, from: number, to: number): Promise<void> {
  const producer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
  for (let window = from; window < to; window++) {
    for (let i = 0; i < 40 * PARTITIONS; i++) {
      const value = Buffer.from(JSON.stringify({ user: `u${i % USERS}`, amount: 2 }))
      const time = BASE + window * WINDOW_MS + i
      const native = producer as { produce(...record: readonly unknown[]): void }
      native.produce(topic, i % PARTITIONS, value, null, time)
    }
  }
  await call(producer, 'flush', 10_000)
  await disconnect(producer)
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('one is killed and comes back, all stop together, each window is there once', async () => {
  const [input, output] = await topics()
  await feed(input, 0, 3)
  const program = new Program(input, output)
  await program.shared()
  const [, second = 0] = program.childPids
  process.kill(second, 'SIGKILL')
  await until('it is started again', () => program.status?.processes[1]?.restarts === 1)
  await program.shared()
  // The last one closes those before it.
  await feed(input, 3, 7)
  const expected = Array.from({ length: 6 * USERS }, (_, i) => {
    return `u${i % USERS} ${BASE + Math.floor(i / USERS) * WINDOW_MS} 8 16`
  })
  const areThere = async () => (await results(output)).length >= expected.length
  await until('all windows are there', areThere, 60_000)

  // What is told comes after what was done.
  await until('it is told', () => (program.status?.counters['records_in'] ?? 0) > 0)
  const { processes = [] } = program.status ?? {}
  expect(processes.map(({ number, restarts, lastEnd }) => [number, restarts, lastEnd])).toEqual([
    [0, 0, null],
    [1, 1, 'SIGKILL'],
  ])
  const alive = program.childPids
  expect(alive.every(isAlive)).toBe(true)
  program.child.kill('SIGTERM')
  expect(await program.exited).toEqual([0, null])
  expect(alive.some(isAlive)).toBe(false)
  expect((await results(output)).sort()).toEqual(expected.sort())

  // What stands behind the run happens once, and each process has had a slot for its state.
  expect(program.said.filter(said => 'after' in said)).toMatchObject([
    { after: program.child.pid, status: { state: 'stopped', processes: [] }, stats: null },
  ])
  expect(readdirSync(join(program.folder, program.id)).sort()).toEqual(['0', '1'])
  const lines = program.errors
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(new Set(lines.map(line => line.process))).toEqual(new Set([0, 1]))
  expect(program.errors).toContain('process 1 ended with SIGKILL; it is started again in 250 ms')
})

test('a program that crashes at once ends after some tries, with an error that says so', async () => {
  const [input, output] = await topics()
  const program = new Program(input, output, 'crash')
  expect(await program.exited).toEqual([1, null])
  expect(program.errors).toMatch(
    /PROCESS_FAILED: process \d \(of 2, from 0\) ended 6 times in a row/,
  )
  expect(program.errors).toContain('exit code 7')
  expect([...pids].some(isAlive)).toBe(false)
})

test('the error of one process is the error of the run', async () => {
  const [input, output] = await topics()
  const program = new Program(input, output)
  await program.shared()
  const producer = await nativeProducer({ 'bootstrap.servers': inject('kafka') })
  const native = producer as { produce(...record: readonly unknown[]): void }
  native.produce(input, 2, Buffer.from('{"user":'), null, BASE)
  await call(producer, 'flush', 10_000)
  await disconnect(producer)
  expect(await program.exited).toEqual([1, null])
  expect(program.errors).toMatch(new RegExp(`DECODE_FAILED: .*topic ${input}/2 offset 0`))
  expect([...pids].some(isAlive)).toBe(false)
})

test('processes whose parent was killed finish and end by themselves', async () => {
  const [input, output] = await topics()
  const program = new Program(input, output)
  await program.shared()
  program.child.kill('SIGKILL')
  await until('all have ended', () => ![...pids].some(isAlive))
})
