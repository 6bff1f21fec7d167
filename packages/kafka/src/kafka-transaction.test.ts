import { MillraceError, type OffsetCommit, type OutgoingRecords } from '@millrace/core'
import { expect, test } from 'vitest'
import { brokerError } from './broker-errors.ts'
import { KafkaGroupMember } from './group-member.ts'
import type { KafkaProducer } from './kafka-producer.ts'
import { KafkaTransaction } from './kafka-transaction.ts'
import type { NativeConsumer, NativeProducer } from './native-client.ts'

type Done = (error?: Error | null) => void

/** Answers every call at once, with the failures planned for it in turn. */
class FakeNative {
  readonly calls: string[] = []
  readonly #failures = new Map<string, Error[]>()
  fail(call: string, ...failures: Error[]): void {
    this.#failures.set(call, failures)
  }
  answer(call: string, done: Done, what = call): void {
    this.calls.push(what)
    const failure = this.#failures.get(call)?.shift() ?? null
    setImmediate(() => done(failure))
  }
  initTransactions(_: number, done: Done): void {
    this.answer('init', done)
  }
  beginTransaction(done: Done): void {
    this.answer('begin', done)
  }
  commitTransaction(_: number, done: Done): void {
    this.answer('commit', done)
  }
  abortTransaction(_: number, done: Done): void {
    this.answer('abort', done)
  }
  sendOffsetsToTransaction(offsets: OffsetCommit[], _: object, __: number, done: Done): void {
    this.answer('offsets', done, `offsets ${offsets.map(({ offset }) => offset)}`)
  }
}

function failure(code: number, isRetriable = false): Error {
  return Object.assign(new Error(`error ${code}`), { code, isRetriable })
}

async function setUp() {
  const native = new FakeNative()
  const flushes: Error[] = []
  const producer = {
    write: ({ topic }: OutgoingRecords) => void native.calls.push(`write ${topic}`),
    flush: async () => {
      native.calls.push('flush')
      const failed = flushes.shift()
      if (failed !== undefined) throw failed
    },
    hold: () => void native.calls.push('hold'),
    release: () => void native.calls.push('release'),
    failureOf: (cause: Error) => new MillraceError('DELIVERY_FAILED', cause.message),
    close: async () => void native.calls.push('close'),
  } as unknown as KafkaProducer
  const open = () =>
    KafkaTransaction.create(native as unknown as NativeProducer, producer, 'app-1', brokerError)
  const transaction = await open()
  return { native, flushes, transaction, open, take: () => native.calls.splice(0) }
}

const OFFSETS = [{ topic: 'shop', partition: 0, offset: 7, metadata: 'm' }]

function member(): KafkaGroupMember {
  const consumer = {
    setDefaultConsumeTimeout() {},
    on() {},
    subscribe() {},
    consume: (_: number, done: Done) => done(),
  }
  const quiet = {
    groupId: 'g',
    topics: ['shop'],
    onAssigned() {},
    onRevoked: async () => {},
    onLost() {},
    onError() {},
  }
  return new KafkaGroupMember(consumer as unknown as NativeConsumer, quiet, brokerError)
}

test('takes the id over, begins, and commits records, then offsets, then all', async () => {
  const { transaction, take } = await setUp()
  expect(take()).toEqual(['init', 'begin'])
  await transaction.write({ topic: 'shop' } as OutgoingRecords)
  await transaction.commit(OFFSETS, member())
  expect(take()).toEqual(['write shop', 'hold', 'flush', 'offsets 7', 'commit', 'begin', 'release'])
})

test('sends no offsets without a member', async () => {
  const { transaction, take } = await setUp()
  take()
  await transaction.commit([], null)
  expect(take()).toEqual(['hold', 'flush', 'commit', 'begin', 'release'])
})

test('asks again while the outcome is not known', async () => {
  const { native, transaction, take } = await setUp()
  take()
  native.fail('commit', failure(-185, true), failure(-185, true))
  await transaction.commit([], null)
  expect(take()).toEqual(['hold', 'flush', 'commit', 'commit', 'commit', 'begin', 'release'])
})

test('gives up what stays unknown for too long', async () => {
  const { native, transaction, take } = await setUp()
  take()
  native.fail('commit', ...Array.from({ length: 20 }, () => failure(-185, true)))
  await expect(transaction.commit([], null)).rejects.toMatchObject({ retriable: true })
  expect(take().filter(call => call === 'commit')).toHaveLength(12)
})

test.each([22, 25, 27, 47, 82, 90, 110, 113, -144])(
  'error %s says that it is fenced',
  async code => {
    const { native, transaction } = await setUp()
    native.fail('offsets', failure(code))
    await expect(transaction.commit(OFFSETS, member())).rejects.toMatchObject({ code: 'FENCED' })
  },
)

test('what could not be committed can only be aborted, after a flush', async () => {
  const { flushes, transaction, take } = await setUp()
  take()
  const lost = new Error('a record was lost')
  flushes.push(lost)
  await expect(transaction.commit([], null)).rejects.toBe(lost)
  // Beginning is only asked for the reason.
  expect(take()).toEqual(['hold', 'flush', 'begin', 'release'])
  await expect(transaction.commit([], null)).rejects.toBe(lost)
  expect(take()).toEqual([])
  flushes.push(lost)
  await transaction.abort()
  expect(take()).toEqual(['flush', 'abort', 'begin'])
  await transaction.commit([], null)
  expect(take()).toEqual(['hold', 'flush', 'commit', 'begin', 'release'])
})

test('records of a fenced producer fail as fenced', async () => {
  const { native, flushes, transaction } = await setUp()
  flushes.push(new Error('purged'))
  native.fail('begin', failure(-144))
  await expect(transaction.commit([], null)).rejects.toMatchObject({ code: 'FENCED' })
})

test.each([-152, -151, -172])(
  'records of a failed transaction say why it failed: %i',
  async code => {
    const { native, flushes, transaction } = await setUp()
    flushes.push(new MillraceError('DELIVERY_FAILED', 'dropped', { cause: failure(code) }))
    native.fail('begin', failure(29))
    await expect(transaction.commit([], null)).rejects.toThrow('DELIVERY_FAILED: error 29')
  },
)

test('what was committed stays so when there cannot be another transaction', async () => {
  const { native, transaction } = await setUp()
  native.fail('begin', failure(-144))
  await transaction.commit([], null)
  await expect(transaction.commit([], null)).rejects.toMatchObject({ code: 'FENCED' })
})

test('an id that cannot be had is said so', async () => {
  const { native, open } = await setUp()
  native.fail('init', failure(53))
  await expect(open()).rejects.toMatchObject({ code: 'BROKER_REFUSED' })
})
