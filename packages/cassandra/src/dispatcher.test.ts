import { MillraceError } from '@millrace/core'
import { ManualClock } from '@millrace/core/testing'
import { errors } from 'cassandra-driver'
import { describe, expect, test } from 'vitest'
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import { OutRow, type RowOwner } from './out-row.ts'
import { Slab } from './slab.ts'

/** The name of a row is its last value. */
const nameOf = (row: OutRow): string => String(row.params[1])

/** Who notes what became of rows, by their names. */
class Notes implements RowOwner {
  isOpen = true
  readonly done: string[] = []
  readonly bad: string[] = []
  acknowledged(row: OutRow): void {
    this.done.push(nameOf(row))
  }
  refused(row: OutRow): void {
    this.bad.push(nameOf(row))
  }
  notApplied(): void {}
}

interface Call {
  readonly names: string[]
  answer(): void
  fail(error: unknown): void
}

function open(options: Partial<DispatcherOptions> = {}) {
  const calls: Call[] = []
  const warnings: string[] = []
  const clock = new ManualClock()
  const dispatcher = new Dispatcher({
    send: rows =>
      new Promise((resolve, reject) => {
        const names = rows.map(nameOf)
        calls.push({ names, answer: () => resolve(true), fail: reject })
      }),
    explain: async () => {},
    warn: text => warnings.push(text),
    clock,
    concurrency: { min: 1, max: 4 },
    rateMax: Number.POSITIVE_INFINITY,
    batchBytesMax: 1_000,
    batchRowsMax: 10,
    bufferBytesMax: 10_000,
    retryForMs: 60_000,
    isOrdered: true,
    nodesOf: () => null,
    ...options,
  })
  const owner = new Notes()
  const slab = new Slab()
  const origin = { query: '', keyAt: [0], weight: 0, owner, batch: {} as never }
  /** @param size of its values */
  const add = (key: string, name: string, size = 100): void => {
    slab.begin()
    slab.value(Buffer.from(key))
    slab.value(Buffer.from(name))
    slab.value(Buffer.alloc(size - slab.size - 4))
    dispatcher.add(new OutRow(origin, 0, slab))
  }
  const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
  return { dispatcher, calls, warnings, clock, owner, add, turn }
}

const response = (code: number) => Object.assign(new errors.ResponseError(code, 'no'), { code })
const INVALID = 0x2200
const OVERLOADED = 0x1001

describe('rows of one partition', () => {
  test('go together within the bound of bytes, and in order one request after the other', async () => {
    const { dispatcher, calls, add, turn, owner } = open()
    add('k', '1', 600)
    add('k', '2', 300)
    add('k', '3', 300)
    add('other', '4')
    dispatcher.pump()
    expect(calls.map(({ names }) => names)).toEqual([['1', '2'], ['4']])
    add('k', '5')
    dispatcher.pump()
    expect(calls.length).toBe(2)
    calls[0]?.answer()
    await turn()
    expect(calls[2]?.names).toEqual(['3', '5'])
    for (const call of calls) call.answer()
    await turn()
    expect(owner.done.sort()).toEqual(['1', '2', '3', '4', '5'])
  })

  test('are not waited for where write times order them', () => {
    const { dispatcher, calls, add } = open({ isOrdered: false })
    for (const name of ['1', '2', '3']) {
      add('k', name)
      dispatcher.pump()
    }
    expect(calls.length).toBe(3)
  })
})

describe('partitions that the same nodes keep', () => {
  const nodesOf = (key: string) => key[0] as string

  test('share small requests, and no others', () => {
    const { dispatcher, calls, add } = open({ isOrdered: false, nodesOf })
    for (const key of ['a1', 'b1', 'a2', 'b2', 'a1']) add(key, `of ${key}`)
    dispatcher.pump()
    const names = calls.map(call => call.names)
    expect(names).toEqual([
      ['of a1', 'of a1', 'of a2'],
      ['of b1', 'of b2'],
    ])
  })

  test('share up to what a server would warn of: 10 partitions, 5 KiB', () => {
    const { dispatcher, calls, add } = open({ isOrdered: false, nodesOf })
    for (let i = 0; i < 12; i++) add(`a${i}`, `${i}`)
    add('b1', 'large', 4_000)
    add('b2', 'larger', 4_000)
    dispatcher.pump()
    expect(calls.map(({ names }) => names.length)).toEqual([10, 1, 2, 1])
    expect(calls[2]?.names).toEqual(['10', '11'])
  })

  test('are told apart when one of them has a bad row', async () => {
    const { dispatcher, calls, add, turn, owner } = open({ isOrdered: false, nodesOf })
    for (const name of ['1', 'bad', '3']) add(`a${name}`, name)
    dispatcher.pump()
    for (let i = 0; i < 10; i++) {
      const call = calls[i]
      if (call?.names.includes('bad')) call.fail(response(INVALID))
      else call?.answer()
      await turn()
    }
    expect(owner.bad).toEqual(['bad'])
    expect(owner.done).toEqual(['1', '3'])
  })
})

test('never has more requests on their way than allowed', async () => {
  const { dispatcher, calls, add, turn } = open()
  for (let i = 0; i < 20; i++) add(`k${i}`, `${i}`)
  dispatcher.pump()
  expect(calls.length).toBe(4)
  calls[0]?.answer()
  await turn()
  expect(calls.length).toBe(5)
})

test('says when it is full, and when there is room again', async () => {
  const { dispatcher, calls, add, turn } = open({ bufferBytesMax: 600 })
  for (let i = 0; i < 3; i++) add(`k${i}`, `${i}`)
  expect(dispatcher.isFull).toBe(true)
  let hasRoom = false
  void dispatcher.room().then(() => {
    hasRoom = true
  })
  dispatcher.pump()
  calls[0]?.answer()
  await turn()
  expect(hasRoom).toBe(false)
  calls[1]?.answer()
  await turn()
  expect(hasRoom).toBe(true)
})

test('finds the row that is refused, and writes the others', async () => {
  const { dispatcher, calls, add, turn, owner } = open()
  for (const name of ['1', '2', 'bad', '4']) add('k', name)
  dispatcher.pump()
  for (let i = 0; i < 10; i++) {
    const call = calls[i]
    if (call?.names.includes('bad')) call.fail(response(INVALID))
    else call?.answer()
    await turn()
  }
  expect(owner.bad).toEqual(['bad'])
  expect(owner.done).toEqual(['1', '2', '4'])
})

test('stops everything when it is the table that has changed', async () => {
  const gone = new MillraceError('SCHEMA_MISMATCH', 'column n is gone')
  const { dispatcher, calls, add, turn } = open({ explain: () => Promise.reject(gone) })
  add('k', '1')
  dispatcher.pump()
  calls[0]?.fail(response(INVALID))
  await turn()
  await expect(dispatcher.until(() => false)).rejects.toBe(gone)
})

test('asks whether the table has changed when a node forgot a statement, and tries again', async () => {
  const errorsSeen: unknown[] = []
  const { calls, dispatcher, add, turn, clock, owner } = open({
    explain: async error => void errorsSeen.push(error),
  })
  add('k', '1')
  dispatcher.pump()
  const forgotten = new errors.NoHostAvailableError({ a: response(0x2500) })
  calls[0]?.fail(forgotten)
  await turn()
  expect(errorsSeen).toEqual([forgotten])
  await clock.advance(5_000)
  calls[1]?.fail(new errors.NoHostAvailableError({}))
  await turn()
  expect(errorsSeen).toEqual([forgotten])
  await clock.advance(5_000)
  calls[2]?.answer()
  await turn()
  expect(owner.done).toEqual(['1'])
})

test('tries again what may pass, says so once, and gives up in the end', async () => {
  const { dispatcher, calls, add, turn, clock, warnings } = open({ retryForMs: 20_000 })
  add('k', '1')
  dispatcher.pump()
  const ended = dispatcher.until(() => false).catch(error => error)
  for (let i = 0; i < 40 && dispatcher.failure === null; i++) {
    calls.at(-1)?.fail(response(OVERLOADED))
    await turn()
    await clock.advance(5_000)
    await turn()
  }
  expect(calls.length).toBeGreaterThan(4)
  expect(warnings[0]).toMatch(/Cassandra does not take rows: no\. Trying again, for 20 s more/)
  expect(await ended).toMatchObject({ code: 'SINK_FAILED', retriable: false })
  expect(warnings.length).toBeLessThan(4)
})

test('tells what it waits for, until an answer comes or nobody waits any more', async () => {
  const { dispatcher, calls, add, turn, clock, owner } = open()
  add('k', '1')
  dispatcher.pump()
  expect(dispatcher.waitsFor).toBeNull()
  calls[0]?.fail(response(OVERLOADED))
  await turn()
  expect(dispatcher.waitsFor).toBe('Cassandra does not take rows: no')
  await clock.advance(5_000)
  calls[1]?.answer()
  await turn()
  expect(dispatcher.waitsFor).toBeNull()
  add('k', '2')
  dispatcher.pump()
  calls[2]?.fail(response(OVERLOADED))
  await turn()
  owner.isOpen = false
  await clock.advance(5_000)
  expect(dispatcher.waitsFor).toBeNull()
})

test('what nobody wants any more is not sent', async () => {
  const { dispatcher, calls, add, owner } = open()
  for (let i = 0; i < 6; i++) add(`k${i}`, `${i}`)
  owner.isOpen = false
  dispatcher.pump()
  expect(calls.length).toBe(0)
})
