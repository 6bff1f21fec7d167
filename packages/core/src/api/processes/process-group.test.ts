import type { ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { MillraceError } from '../../errors.ts'
import { ManualClock } from '../../testing/manual-clock.ts'
import type { ApplicationStatus } from '../status.ts'
import { RESTARTS_MAX, STOP_MS_MAX } from './member.ts'
import { ProcessGroup } from './process-group.ts'
import { type SaidByChild, sentError, type ToldToChild } from './process-messages.ts'

/** A process that does what the test says. */
class FakeChild extends EventEmitter {
  connected = true
  readonly pid: number | undefined
  readonly told: ToldToChild[] = []
  readonly number: number
  readonly startedAt: number

  constructor(number: number, pid: number | undefined, startedAt = 0) {
    super()
    this.number = number
    this.pid = pid
    this.startedAt = startedAt
  }

  send(told: ToldToChild): void {
    this.told.push(told)
  }

  kill(signal: NodeJS.Signals): void {
    this.exit(null, signal)
  }

  say(said: SaidByChild): void {
    this.emit('message', said)
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit('exit', code, signal)
    this.connected = false
    this.emit('disconnect')
  }

  endInOrder(): void {
    this.say({ millrace: 'ended', error: null })
    this.exit(0)
  }
}

interface Line {
  readonly details: object
  readonly text: string
}

function started(count: number) {
  const clock = new ManualClock()
  const stop = new AbortController()
  const children: FakeChild[] = []
  const lines: Line[] = []
  const warn = (details: object, text: string): void => {
    lines.push({ details, text })
  }
  const group = new ProcessGroup({
    count,
    clock,
    log: { debug() {}, info() {}, warn, error: warn },
    signal: stop.signal,
    start: number => {
      const child = new FakeChild(number, 100 + children.length, clock.now())
      children.push(child)
      return child as unknown as ChildProcess
    },
  })
  let ended: unknown = 'no'
  const done = group.execute().then(
    () => {
      ended = 'in order'
    },
    error => {
      ended = error
    },
  )
  const told = () => children.map(child => child.told.map(({ millrace }) => millrace).join())
  return { clock, stop, children, lines, group, done, told, ended: () => ended }
}

const STATUS: ApplicationStatus = {
  state: 'running',
  epochs: 3,
  tasks: [],
  counters: { records_in: 5 },
  lastCommit: null,
  restores: [],
  stateMemory: { usedBytes: 10, heldBytes: 1, bytesMax: 100, evictions: 2 },
  processes: [],
}

test('all are asked to stop at once, and the whole ends when the last one has', async () => {
  const { stop, children, done, told, ended, group } = started(3)
  expect(children.map(({ number }) => number)).toEqual([0, 1, 2])
  stop.abort()
  expect(told()).toEqual(['stop', 'stop', 'stop'])
  expect(group.status().state).toBe('stopping')
  children[0]?.endInOrder()
  children[2]?.endInOrder()
  await new Promise(setImmediate)
  expect(ended()).toBe('no')
  children[1]?.endInOrder()
  await done
  expect(ended()).toBe('in order')
})

test('one that died is started again with its number, after a pause', async () => {
  const { clock, stop, children, lines, group, done, ended } = started(2)
  children[1]?.exit(null, 'SIGKILL')
  await clock.advance(249)
  expect(children.length).toBe(2)
  expect(group.status().processes[1]).toMatchObject({ pid: null, state: 'stopped' })
  await clock.advance(1)
  expect(children[2]?.number).toBe(1)
  expect(group.status().processes).toMatchObject([
    { number: 0, pid: 100, restarts: 0, lastEnd: null },
    { number: 1, pid: 102, restarts: 1, lastEnd: 'SIGKILL' },
  ])
  expect(lines.map(({ text }) => text)).toEqual([
    'process 1 ended with SIGKILL; it is started again in 250 ms',
  ])
  expect(children[0]?.told).toEqual([])
  stop.abort()
  for (const child of [children[0], children[2]]) child?.endInOrder()
  await done
  expect(ended()).toBe('in order')
})

test('one that dies again and again ends the whole, after longer and longer pauses', async () => {
  const { clock, children, done, told, ended } = started(2)
  const dying = () => children.filter(({ number }) => number === 1)
  for (let deaths = 0; deaths <= RESTARTS_MAX; deaths++) {
    dying()[deaths]?.exit(7)
    // Longer than any pause, shorter than what makes a death of its own.
    await clock.advance(10_000)
  }
  const pauses = dying()
    .slice(1)
    .map(({ startedAt }, i) => startedAt - 10_000 * i)
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000])
  expect(told()[0]).toBe('stop')
  children[0]?.endInOrder()
  await done
  expect(MillraceError.is(ended()) && ended()).toMatchObject({ code: 'PROCESS_FAILED' })
  expect(String(ended())).toContain(
    'process 1 (of 2, from 0) ended 6 times in a row, the last time with exit code 7',
  )
})

test('deaths that are far apart do not add up', async () => {
  const { clock, stop, children, done, ended } = started(1)
  for (let deaths = 0; deaths < 3 * RESTARTS_MAX; deaths++) {
    await clock.advance(60_000)
    children[deaths]?.exit(1)
    await clock.advance(250)
  }
  expect(children.length).toBe(3 * RESTARTS_MAX + 1)
  stop.abort()
  children.at(-1)?.endInOrder()
  await done
  expect(ended()).toBe('in order')
})

test('the error of one is that of the whole, with its place, and the others stop', async () => {
  const { children, done, told, ended } = started(2)
  const error = new MillraceError('DECODE_FAILED', 'no JSON.', { topic: 'sales', offset: 7 })
  children[1]?.say({ millrace: 'ended', error: structuredClone(sentError(error)) })
  children[1]?.exit(1)
  await new Promise(setImmediate)
  expect(told()).toEqual(['stop', ''])
  children[0]?.endInOrder()
  await done
  expect(ended()).toMatchObject({ code: 'DECODE_FAILED', message: error.message })
  expect(children.length).toBe(2)
})

test('one that does not stop is killed, and the whole says so', async () => {
  const { clock, stop, children, done, ended } = started(1)
  stop.abort()
  await clock.advance(STOP_MS_MAX - 1)
  expect(children[0]?.connected).toBe(true)
  await clock.advance(1)
  await done
  expect(String(ended())).toContain('had not stopped after 60 s and was killed')
})

test('one that dies while it stops has not stopped in order', async () => {
  const { stop, children, done, ended } = started(1)
  stop.abort()
  children[0]?.exit(null, 'SIGSEGV')
  await done
  expect(String(ended())).toContain('ended with SIGSEGV while it was stopping')
})

test('a stop ends the pause before another start', async () => {
  const { stop, children, done, ended } = started(1)
  children[0]?.exit(1)
  await new Promise(setImmediate)
  stop.abort()
  await done
  expect([ended(), children.length]).toEqual(['in order', 1])
})

test('what cannot be started counts as a death', async () => {
  const clock = new ManualClock()
  const child = new FakeChild(0, undefined)
  const stop = new AbortController()
  const group = new ProcessGroup({
    count: 1,
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    signal: stop.signal,
    start: () => child as unknown as ChildProcess,
  })
  const done = group.execute()
  child.connected = false
  child.emit('error', new Error('spawn EAGAIN'))
  await new Promise(setImmediate)
  expect(group.status().processes[0]).toMatchObject({ pid: null, lastEnd: 'spawn EAGAIN' })
  stop.abort()
  await done
})

test('the status is that of all together', async () => {
  const { stop, children, done, group } = started(2)
  expect(group.status().state).toBe('starting')
  for (const child of children) child.say({ millrace: 'status', status: STATUS })
  const { state, epochs, counters, stateMemory, processes } = group.status()
  expect({ state, epochs, counters }).toEqual({
    state: 'running',
    epochs: 6,
    counters: { records_in: 10 },
  })
  expect(stateMemory).toEqual({ usedBytes: 20, heldBytes: 2, bytesMax: 200, evictions: 4 })
  expect(processes.map(each => [each.state, each.counters])).toEqual([
    ['running', { records_in: 5 }],
    ['running', { records_in: 5 }],
  ])
  stop.abort()
  for (const child of children) child.endInOrder()
  await done
})

test('the state of all is asked for; one that does not answer in time is left out', async () => {
  const { clock, stop, children, done, group } = started(2)
  const stats = {
    bytesOnDisk: 1,
    bytesInMemory: 2,
    keysRead: 3,
    keysFound: 4,
    entriesWritten: 5,
    bytesWritten: 6,
  }
  const asked = group.stateStats()
  children[0]?.say({ millrace: 'stats', call: 0, stats })
  children[1]?.say({ millrace: 'stats', call: 0, stats })
  expect(await asked).toMatchObject({ bytesOnDisk: 2, bytesWritten: 12 })
  const again = group.stateStats()
  children[0]?.say({ millrace: 'stats', call: 1, stats })
  await clock.advance(5_000)
  expect(await again).toEqual(stats)
  stop.abort()
  for (const child of children) child.endInOrder()
  await done
  expect(await group.stateStats()).toBeNull()
})
