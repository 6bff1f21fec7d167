import { MillraceError, type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'
import { beforeEach, expect, test } from 'vitest'
import { deliveryFailure } from '../delivery-failure.ts'
import type { Coordinator } from './coordinator.ts'
import { DirectTransaction, type TransactionIdentity } from './direct-transaction.ts'
import { produceError } from './produce-errors.ts'
import type { RecordSender } from './record-sender.ts'

/** What happened, in order. */
let story: string[] = []
let codes: Record<string, number[]> = {}
let flushFails: number[] = []
let generations: number[] = []
/** Ends the flush under way. */
let onFlush: Promise<void> = Promise.resolve()

beforeEach(() => {
  story = []
  codes = {}
  flushFails = []
  generations = [1]
  onFlush = Promise.resolve()
})

let epoch = 0

function coordinator(of: string): Coordinator {
  const ask = async (api: { readonly name: string }, request: Record<string, unknown>) => {
    const { isCommit, generation, epoch: asked } = request
    const what = api.name === 'EndTxn' ? (isCommit === true ? ' commit' : ' abort') : ''
    story.push(`${of} ${api.name}${what}${generation ?? ''} e${asked}`)
    return { errorCode: codes[api.name]?.shift() ?? 0, producerId: 7n, epoch: ++epoch }
  }
  return { ask } as unknown as Coordinator
}

function sender({ epoch: of }: TransactionIdentity): RecordSender {
  let current = of
  return {
    write: (records: OutgoingRecords) => {
      story.push(`write ${records.count} e${current}`)
    },
    flush: async () => {
      story.push(`flush e${current}`)
      await onFlush
      const code = flushFails.shift()
      if (code !== undefined) throw deliveryFailure(produceError(code, null), text => text)
    },
    setIdentity: (identity: TransactionIdentity) => {
      current = identity.epoch
    },
    close: () => story.push(`close e${current}`),
  } as unknown as RecordSender
}

function begin(): Promise<DirectTransaction> {
  epoch = 0
  const group = coordinator('group')
  return DirectTransaction.create({
    transactionalId: 'shop-0',
    timeoutMs: 10_000,
    coordinator: coordinator('id'),
    groupCoordinator: () => group,
    membershipOf: () => {
      const generation = generations.length > 1 ? generations.shift() : generations[0]
      return { groupId: 'shop', memberId: 'm', instanceId: 'i', generation: generation as number }
    },
    connect: sender,
    onClosed: () => story.push('closed'),
  })
}

const MEMBER = {} as never
const OFFSET = [{ topic: 'orders', partition: 0, offset: 1, metadata: '' }]

function records(count: number): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) builder.append(null, Buffer.from('v'), 1)
  return { ...builder.build(), topic: 'totals', partitions: null }
}

const codeOf = (error: unknown) => (MillraceError.is(error) ? error.code : String(error))

test('a commit is a flush, the offsets, the end; each has an epoch of its own', async () => {
  const transaction = await begin()
  await transaction.write(records(2))
  await transaction.commit(OFFSET, MEMBER)
  await transaction.write(records(3))
  await transaction.commit([], null)
  expect(story).toEqual([
    'id InitProducerId e-1',
    'write 2 e1',
    'flush e1',
    'group TxnOffsetCommit1 e1',
    'id EndTxn commit e1',
    // The offsets have counted one up, too.
    'write 3 e3',
    'flush e3',
    'id EndTxn commit e3',
  ])
})

test('nothing at all is no transaction', async () => {
  const transaction = await begin()
  await transaction.commit([], null)
  await transaction.abort()
  expect(story.filter(each => each.includes('EndTxn'))).toEqual([])
})

test('what is written while a commit is under way belongs to the next', async () => {
  const transaction = await begin()
  let end = (): void => {}
  onFlush = new Promise(resolve => {
    end = resolve
  })
  await transaction.write(records(1))
  const committed = transaction.commit([], null)
  const waits = transaction.write(records(5))
  end()
  await Promise.all([committed, waits])
  expect(story.slice(1)).toEqual(['write 1 e1', 'flush e1', 'id EndTxn commit e1', 'write 5 e2'])
})

test('a record that is not written fails the commit, until the abort', async () => {
  const transaction = await begin()
  flushFails = [10]
  await transaction.write(records(1))
  expect(await transaction.commit(OFFSET, MEMBER).catch(codeOf)).toBe('DELIVERY_FAILED')
  expect(await transaction.commit(OFFSET, MEMBER).catch(codeOf)).toBe('DELIVERY_FAILED')
  await transaction.abort()
  await transaction.write(records(2))
  await transaction.commit([], null)
  expect(story.slice(1)).toEqual([
    'write 1 e1',
    'flush e1',
    'close e1',
    'id EndTxn abort e1',
    'write 2 e2',
    'flush e2',
    'id EndTxn commit e2',
  ])
})

test.each([
  ['by its records', () => (flushFails = [47])],
  ['by its offsets', () => (codes = { TxnOffsetCommit: [25] })],
  ['at its end', () => (codes = { EndTxn: [90] })],
])('who was overtaken learns it %s', async (_, plan) => {
  const transaction = await begin()
  plan()
  await transaction.write(records(1))
  expect(await transaction.commit(OFFSET, MEMBER).catch(codeOf)).toBe('FENCED')
})

test('a group that goes on meanwhile is told the new generation', async () => {
  const transaction = await begin()
  generations = [1, 2, 2]
  codes = { TxnOffsetCommit: [22] }
  await transaction.commit(OFFSET, MEMBER)
  expect(story.filter(each => each.includes('Offset'))).toEqual([
    'group TxnOffsetCommit1 e1',
    'group TxnOffsetCommit2 e1',
  ])
})

test('an abort of unknown state asks for the next epoch of the same producer', async () => {
  const transaction = await begin()
  codes = { EndTxn: [48] }
  await transaction.write(records(1))
  await transaction.abort()
  expect(story.slice(2)).toEqual(['close e1', 'id EndTxn abort e1', 'id InitProducerId e1'])
})

test('what the broker has ended before its commit is repeated under the next epoch', async () => {
  const transaction = await begin()
  codes = { EndTxn: [48, 48] }
  await transaction.write(records(1))
  const refused = transaction.commit([], null)
  await expect(refused).rejects.toMatchObject({ code: 'BROKER_REFUSED', retriable: true })
  await transaction.abort()
  await transaction.write(records(2))
  await transaction.commit([], null)
  expect(story.slice(3)).toEqual([
    'id EndTxn commit e1',
    'close e1',
    'id EndTxn abort e1',
    'id InitProducerId e1',
    'write 2 e4',
    'flush e4',
    'id EndTxn commit e4',
  ])
})

test('closing leaves it to the broker', async () => {
  const transaction = await begin()
  await transaction.write(records(1))
  await transaction.close()
  await transaction.close()
  expect(story.slice(2)).toEqual(['close e1', 'closed'])
})
