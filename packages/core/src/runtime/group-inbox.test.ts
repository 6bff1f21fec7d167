import { expect, test } from 'vitest'
import { GroupInbox } from './group-inbox.ts'

const P0 = [{ topic: 'in', partition: 0 }]
const P1 = [{ topic: 'in', partition: 1 }]

function setUp() {
  const done: string[] = []
  const note = (what: string) => async (partitions: readonly { readonly partition: number }[]) => {
    done.push(`${what} ${partitions.map(({ partition }) => partition)}`)
  }
  const inbox = new GroupInbox({
    assigned: note('assigned'),
    revoked: note('revoked'),
    lost: note('lost'),
  })
  return { inbox, handlers: inbox.handlers(), done }
}
const turn = () => new Promise(resolve => setImmediate(resolve))

/** Whether a promise has settled. */
function watched(promise: Promise<unknown>): { isSettled: boolean } {
  const state = { isSettled: false }
  void promise.then(() => {
    state.isSettled = true
  })
  return state
}

test('what the group tells waits until it is asked for, and is done in order', async () => {
  const { inbox, handlers, done } = setUp()
  handlers.onAssigned(P0)
  const answer = watched(handlers.onRevoked(P0))
  const lost = watched(handlers.onLost(P1) as Promise<void>)
  await turn()
  expect([done, inbox.isFull, answer.isSettled]).toEqual([[], true, false])
  expect(lost.isSettled).toBe(false)
  await inbox.empty()
  await turn()
  expect(done).toEqual(['assigned 0', 'revoked 0', 'lost 1'])
  expect([inbox.isFull, answer.isSettled, lost.isSettled]).toEqual([false, true, true])
})

test('wakes who waits', async () => {
  const { inbox, handlers } = setUp()
  const first = watched(inbox.woken())
  await turn()
  expect(first.isSettled).toBe(false)
  handlers.onAssigned(P0)
  await turn()
  expect(first.isSettled).toBe(true)
  const second = watched(inbox.woken())
  inbox.wake()
  await turn()
  expect(second.isSettled).toBe(true)
})

test('a failure of the group is thrown where the inbox is emptied', async () => {
  const { inbox, handlers } = setUp()
  handlers.onError(new Error('expelled for good'))
  await expect(inbox.empty()).rejects.toThrow('expelled for good')
})

test('while the run stops, partitions are given up when it has closed', async () => {
  const { inbox, handlers, done } = setUp()
  inbox.stop()
  const answer = watched(handlers.onRevoked(P0))
  await inbox.empty()
  await turn()
  expect([done, answer.isSettled]).toEqual([[], false])
  inbox.close()
  await turn()
  expect(answer.isSettled).toBe(true)
})

test('a run that is over answers at once, also what it never came to do', async () => {
  const { inbox, handlers } = setUp()
  const before = watched(handlers.onRevoked(P0))
  inbox.close()
  const after = watched(handlers.onRevoked(P1))
  await turn()
  expect([before.isSettled, after.isSettled]).toEqual([true, true])
})
