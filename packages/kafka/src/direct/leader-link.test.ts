import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProduceResponse } from '../wire/produce.ts'
import { LeaderLink } from './leader-link.ts'
import type { LeaderConnection, Leaders } from './leaders.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const REQUEST = { transactionalId: null, waitMs: 100, topics: [] }

function setUp() {
  const apis: string[] = []
  const answers: ((answer: ProduceResponse) => void)[] = []
  const opened: ((connection: LeaderConnection | Error) => void)[] = []
  const connection = {
    isOpen: true,
    send: ({ versions }: { versions: readonly number[] }) => {
      apis.push(versions.join('-'))
      return new Promise(resolve => answers.push(resolve))
    },
  }
  const cluster = {
    connectionTo: () =>
      new Promise((resolve, reject) => {
        opened.push(it => (it instanceof Error ? reject(it) : resolve(it)))
      }),
  }
  const link = new LeaderLink(1, cluster as unknown as Leaders)
  const onRoom = vi.fn()
  const onFailure = vi.fn()
  return {
    link,
    connection,
    apis,
    answers,
    opened,
    onRoom,
    onFailure,
    hasRoom: () => link.hasRoom(onRoom, onFailure),
    open: async () => {
      opened.at(-1)?.(connection as LeaderConnection)
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

test('opens one connection, and tells when it is open', async () => {
  const { hasRoom, opened, open, onRoom } = setUp()
  expect([hasRoom(), hasRoom()]).toEqual([false, false])
  expect(opened).toHaveLength(1)
  await open()
  expect(onRoom).toHaveBeenCalledOnce()
  expect(hasRoom()).toBe(true)
})

test('tells that none could be opened, and tries again', async () => {
  const { hasRoom, opened, onFailure } = setUp()
  hasRoom()
  opened[0]?.(new Error('nobody there'))
  await vi.advanceTimersByTimeAsync(0)
  expect(onFailure).toHaveBeenCalledExactlyOnceWith(new Error('nobody there'))
  expect(hasRoom()).toBe(false)
  expect(opened).toHaveLength(2)
})

test('has room for five requests, and again as they are answered', async () => {
  const { link, hasRoom, open, answers } = setUp()
  hasRoom()
  await open()
  const sent = Array.from({ length: 5 }, () => link.send(REQUEST, () => {}))
  expect(hasRoom()).toBe(false)
  answers[0]?.({ throttleMs: 0, partitions: [] })
  await sent[0]
  expect(hasRoom()).toBe(true)
})

test('waits as long as the broker asks for', async () => {
  const { link, hasRoom, open, answers } = setUp()
  hasRoom()
  await open()
  const onRoom = vi.fn()
  const sent = link.send(REQUEST, onRoom)
  answers[0]?.({ throttleMs: 300, partitions: [] })
  await sent
  await vi.advanceTimersByTimeAsync(299)
  expect([hasRoom(), onRoom.mock.calls.length]).toEqual([false, 0])
  await vi.advanceTimersByTimeAsync(1)
  expect([hasRoom(), onRoom.mock.calls.length]).toEqual([true, 1])
})

test('closed, it holds no process alive', async () => {
  const { link, hasRoom, open, answers } = setUp()
  hasRoom()
  await open()
  const sent = link.send(REQUEST, () => {})
  answers[0]?.({ throttleMs: 300_000, partitions: [] })
  await sent
  link.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('a connection that has ended is opened again', async () => {
  const { hasRoom, open, opened, connection } = setUp()
  hasRoom()
  await open()
  connection.isOpen = false
  expect(hasRoom()).toBe(false)
  expect(opened).toHaveLength(2)
})

test('batches of a transaction go in the version in which they join it', async () => {
  const { link, hasRoom, open, apis } = setUp()
  hasRoom()
  await open()
  void link.send(REQUEST, () => {})
  void link.send({ ...REQUEST, transactionalId: 'shop' }, () => {})
  expect(apis).toEqual(['9-11', '12-12'])
})
