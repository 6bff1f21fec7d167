import { expect, test } from 'vitest'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import type { Transport } from '../transport/transport.ts'
import { Producers } from './producers.ts'

function setUp(isTransactional: boolean, isOutputAtOnce: boolean) {
  const calls: string[] = []
  let made = 0
  const make = (kind: string) => {
    const name = `${kind} ${++made}`
    calls.push(`open ${name}`)
    return {
      write: ({ topic }: OutgoingRecords) => void calls.push(`${name}: ${topic}`),
      flush: async () => {},
      commit: async () => {},
      abort: async () => {
        calls.push(`abort ${name}`)
        throw new Error('fenced')
      },
      close: async () => void calls.push(`close ${name}`),
    }
  }
  const transport = {
    createProducer: async () => make('plain'),
    createTransactionalProducer: async () => make('transaction'),
  } as unknown as Transport
  const needs = { transactionalId: 'app-a', transactionMs: 10_000, isTransactional, isOutputAtOnce }
  const producers = new Producers({ transport, ...needs })
  const write = async () => {
    await producers.outputs.write({ topic: 'out' } as OutgoingRecords)
    await producers.internals.write({ topic: 'internal' } as OutgoingRecords)
  }
  return { producers, write, take: () => calls.splice(0) }
}

test.each([
  ['at least once', true, true, ['plain 2: out', 'transaction 1: internal']],
  ['exactly once', true, false, ['transaction 1: out', 'transaction 1: internal']],
  ['without transactions', false, true, ['plain 1: out', 'plain 1: internal']],
])('%s: outputs and internal records go their ways', async (_, isTransactional, isAtOnce, ways) => {
  const { producers, write, take } = setUp(isTransactional, isAtOnce)
  await producers.open()
  take()
  await write()
  expect(take()).toEqual(ways)
})

test('after a failed epoch nothing of it is left, and writing goes on with new ones', async () => {
  const { producers, write, take } = setUp(true, true)
  await producers.open()
  take()
  // Aborting what is fenced fails, and that is no matter.
  await producers.renew()
  const closed = ['abort transaction 1', 'close transaction 1', 'close plain 2']
  expect(take()).toEqual([...closed, 'open transaction 3', 'open plain 4'])
  await write()
  expect(take()).toEqual(['plain 4: out', 'transaction 3: internal'])
  await producers.close()
  await producers.close()
  expect(take()).toEqual(['abort transaction 3', 'close transaction 3', 'close plain 4'])
})
