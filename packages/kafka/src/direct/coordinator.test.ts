import { MillraceError } from '@millrace/core'
import { expect, test } from 'vitest'
import { FIND_COORDINATOR } from '../wire/find-coordinator.ts'
import type { WireApi } from '../wire/wire-api.ts'
import { Coordinator, type CoordinatorCluster } from './coordinator.ts'

const CALL = { name: 'Call' } as unknown as WireApi<string, { readonly errorCode: number }>
const LOST = new MillraceError('BROKER_UNREACHABLE', 'the connection ended.', { retriable: true })

/** Answers in turn; an error is thrown. The coordinator moves from broker to broker. */
function clusterOf(answers: (number | Error)[], found: number[] = []) {
  const asked: number[] = []
  const finds: number[] = []
  const connection = (brokerId: number) => ({
    async send(api: unknown): Promise<never> {
      if (api === FIND_COORDINATOR) {
        finds.push(brokerId)
        return { errorCode: found.shift() ?? 0, message: null, brokerId: finds.length } as never
      }
      asked.push(brokerId)
      const answer = answers.shift() ?? 0
      if (typeof answer !== 'number') throw answer
      return { errorCode: answer } as never
    },
  })
  const cluster: CoordinatorCluster = {
    anyConnection: async () => connection(0),
    connectionTo: async brokerId => connection(brokerId),
    refresh: async () => {},
  }
  return { cluster, asked, finds }
}

const coordinatorOf = (cluster: CoordinatorCluster, callMs = 1_000) =>
  new Coordinator(cluster, { of: 'group', id: 'orders' }, callMs)

test('is looked for once', async () => {
  const { cluster, asked, finds } = clusterOf([])
  const coordinator = coordinatorOf(cluster)
  for (let i = 0; i < 3; i++) {
    expect(await coordinator.ask(CALL, 'what')).toEqual({ errorCode: 0 })
  }
  expect([asked, finds]).toEqual([[1, 1, 1], [0]])
})

test.each([
  ['it is busy', 51, [1, 1]],
  ['it is another', 16, [1, 2]],
  ['the connection ended', LOST, [1, 2]],
] as const)('is asked again when %s', async (_, answer, brokers) => {
  const { cluster, asked } = clusterOf([answer])
  expect(await coordinatorOf(cluster).ask(CALL, 'what')).toEqual({ errorCode: 0 })
  expect(asked).toEqual(brokers)
})

test('that says no is believed', async () => {
  const { cluster, asked } = clusterOf([90])
  expect(await coordinatorOf(cluster).ask(CALL, 'what')).toEqual({ errorCode: 90 })
  expect(asked).toEqual([1])
})

test('is asked no longer than a call may take', async () => {
  const { cluster } = clusterOf(Array.from({ length: 1_000 }, () => LOST))
  await expect(coordinatorOf(cluster, 20).ask(CALL, 'what')).rejects.toBe(LOST)
})

test('that may not be looked for is told', async () => {
  const { cluster } = clusterOf([], [30])
  await expect(coordinatorOf(cluster).ask(CALL, 'what')).rejects.toThrow(
    /BROKER_REFUSED: no coordinator of group "orders".*error 30.*rights/,
  )
})
