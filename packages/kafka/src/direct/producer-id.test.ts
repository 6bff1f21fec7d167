import { expect, test } from 'vitest'
import { newProducerId } from './producer-id.ts'

/** Answers with these errors in turn, then with an id. */
function clusterOf(...codes: number[]) {
  const asked: unknown[] = []
  const send = async (_: unknown, request: unknown) => {
    asked.push(request)
    return { errorCode: codes.shift() ?? 0, producerId: 12n, epoch: 0 }
  }
  const cluster = { anyConnection: async () => ({ send }) } as never
  return { cluster, asked }
}

test('gives a number under which nothing was written', async () => {
  const { cluster, asked } = clusterOf()
  expect(await newProducerId(cluster)).toEqual({ producerId: 12n, epoch: 0, transactionalId: null })
  expect(asked).toMatchObject([{ transactionalId: null, producerId: -1n, epoch: -1 }])
})

test('asks again while the brokers are not ready', async () => {
  const { cluster, asked } = clusterOf(14, 15)
  await newProducerId(cluster)
  expect(asked).toHaveLength(3)
})

test('a user without the right is told which', async () => {
  await expect(newProducerId(clusterOf(31).cluster)).rejects.toThrow(
    /BROKER_REFUSED.*may not write with idempotence.*"IdempotentWrite"/,
  )
})
