import type { OutgoingRecords } from '@millrace/core'
import { expect, test } from 'vitest'
import { DirectProducer } from './direct-producer.ts'
import type { BatchIdentity } from './outgoing-partition.ts'
import type { RecordSender } from './record-sender.ts'

const RECORDS = {} as OutgoingRecords

/** Its flush ends when the test says. */
class FakeSender {
  readonly identity: BatchIdentity
  written = 0
  isClosed = false
  end: (error?: Error) => void = () => {}

  constructor(identity: BatchIdentity) {
    this.identity = identity
  }

  write(): undefined {
    this.written++
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.end = error => (error === undefined ? resolve() : reject(error))
    })
  }

  close(): void {
    this.isClosed = true
  }
}

function setUp(epoch = 0) {
  const senders: FakeSender[] = []
  const left: (BatchIdentity | null)[] = []
  const producer = new DirectProducer(
    { producerId: 7n, epoch, transactionalId: null },
    identity => {
      senders.push(new FakeSender(identity))
      return senders.at(-1) as unknown as RecordSender
    },
    next => left.push(next),
  )
  return { producer, senders, left }
}

const FAILED = new Error('a record was not written')

test('after a flush that failed, connections are closed and the epoch is a new one', async () => {
  const { producer, senders } = setUp()
  const flush = producer.flush()
  senders[0]?.end(FAILED)
  await expect(flush).rejects.toBe(FAILED)
  expect(senders[0]?.isClosed).toBe(true)
  expect(senders[1]?.identity).toEqual({ producerId: 7n, epoch: 1, transactionalId: null })
  void producer.write(RECORDS)
  expect([senders[0]?.written, senders[1]?.written]).toEqual([0, 1])
})

test('what was written while a flush failed is lost too: the next flush says so, once', async () => {
  const { producer, senders } = setUp()
  const flush = producer.flush()
  void producer.write(RECORDS)
  senders[0]?.end(FAILED)
  await expect(flush).rejects.toBe(FAILED)
  const next = producer.flush()
  senders[1]?.end()
  await expect(next).rejects.toBe(FAILED)
  const third = producer.flush()
  senders[1]?.end()
  await expect(third).resolves.toBeUndefined()
})

test('two flushes that fail together begin anew once', async () => {
  const { producer, senders } = setUp()
  const first = producer.flush()
  const endFirst = senders[0]?.end
  const second = producer.flush()
  endFirst?.(FAILED)
  senders[0]?.end(FAILED)
  await expect(first).rejects.toBe(FAILED)
  await expect(second).rejects.toBe(FAILED)
  expect(senders).toHaveLength(2)
})

test('closed, it leaves its id to the next producer, in the epoch after its own', async () => {
  const { producer, senders, left } = setUp(4)
  await producer.close()
  await producer.close()
  expect(senders[0]?.isClosed).toBe(true)
  expect(left).toEqual([{ producerId: 7n, epoch: 5, transactionalId: null }])
})

test('an id whose epochs are used up is left to nobody', async () => {
  const { producer, left } = setUp(32_767)
  await producer.close()
  expect(left).toEqual([null])
})
