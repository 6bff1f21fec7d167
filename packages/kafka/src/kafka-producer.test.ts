import { EventEmitter } from 'node:events'
import { type Header, type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'
import { expect, test } from 'vitest'
import { KafkaProducer } from './kafka-producer.ts'
import type { NativeProducer } from './native-client.ts'

class FakeNative extends EventEmitter {
  readonly sent: (readonly unknown[])[] = []
  room = Number.POSITIVE_INFINITY
  flushError: Error | null = null
  /** Reports to come with the next poll. */
  reports: (readonly [Error, object])[] = []
  produce(...record: readonly unknown[]): void {
    if (this.room === 0) throw failure(-184, 'queue full')
    this.room--
    this.sent.push(record)
  }
  poll(): void {
    this.room += 3
    for (const [error, report] of this.reports.splice(0)) {
      setImmediate(() => this.emit('delivery-report', error, report))
    }
  }
  setPollInterval(): void {}
  /** How long what is under way takes, in calls of `flush`. */
  flushes = 0
  flush(_: number, done: (error: Error | null) => void): void {
    const error = this.flushes-- > 0 ? failure(-185, 'timed out') : this.flushError
    setImmediate(() => done(error))
  }
  isConnected(): boolean {
    return false
  }
}

function failure(code: number, message: string): Error {
  return Object.assign(new Error(message), { code })
}

function producer(flushMs = 5_000) {
  const native = new FakeNative()
  const redact = (text: string): string => text.replaceAll('hunter2', '***')
  return {
    native,
    producer: new KafkaProducer(native as unknown as NativeProducer, flushMs, redact),
  }
}

function outgoing(values: readonly (string | null)[], headers?: readonly Header[]) {
  const builder = new RawRecordsBuilder()
  for (const value of values) {
    builder.append(null, value === null ? null : Buffer.from(value), 1_000, headers)
  }
  return { ...builder.build(), topic: 'shop', partitions: null } satisfies OutgoingRecords
}

test('hands every record to the client at once, null and empty apart', () => {
  const { native, producer: kafka } = producer()
  const headers = [{ name: 'h', value: Buffer.from('1') }]
  expect(kafka.write(outgoing(['a', '', null]))).toBe(undefined)
  expect(kafka.write(outgoing(['b'], headers))).toBe(undefined)
  const values = native.sent.map(record => record[2])
  expect(values).toEqual([Buffer.from('a'), Buffer.alloc(0), null, Buffer.from('b')])
  expect((values[1] as Buffer).buffer.byteLength).toBeGreaterThan(0)
  expect(native.sent[3]).toEqual([
    'shop',
    null,
    Buffer.from('b'),
    null,
    1_000,
    undefined,
    [{ h: Buffer.from('1') }],
  ])
})

test('waits while the queue of the client is full, in order, with copies of its own', async () => {
  const { native, producer: kafka } = producer()
  native.room = 2
  const first = outgoing(['1', '2', '3', '4'])
  const wait = kafka.write(first)
  expect(wait).toBeInstanceOf(Promise)
  first.data.fill('x')
  first.valueSize.fill(-1)
  const second = kafka.write(outgoing(['5', '6', '7']))
  expect(native.sent).toHaveLength(2)
  await Promise.all([wait, second])
  // The client copied the first two; here they are still views.
  const values = native.sent.map(record => String(record[2]))
  expect(values.slice(2)).toEqual(['3', '4', '5', '6', '7'])
  await kafka.flush()
})

test('a report of failure fails one flush, with place, reason and advice, without secrets', async () => {
  const { native, producer: kafka } = producer()
  await kafka.write(outgoing(['a', 'b']))
  native.reports = [
    [failure(10, 'message of hunter2 too large'), { topic: 'shop', partition: 3 }],
    [failure(3, 'second'), { topic: 'shop', partition: 4 }],
  ]
  const error = await kafka.flush().catch((caught: Error) => caught)
  expect(String(error)).toContain('DELIVERY_FAILED: a record was not written: message of *** too')
  expect(String(error)).toContain('max.message.bytes')
  expect(String(error)).toContain('The epoch must be repeated. (at topic shop/3)')
  expect(error).toMatchObject({ retriable: false })
  await kafka.flush()
})

test.each([-192, -150])('what may pass with another producer is retriable: %i', async code => {
  const { native, producer: kafka } = producer()
  native.reports = [[failure(code, 'timed out'), { topic: 'shop', partition: 3 }]]
  await expect(kafka.flush()).rejects.toMatchObject({ code: 'DELIVERY_FAILED', retriable: true })
})

test('a flush is of what was written before it: what comes meanwhile is sent after it', async () => {
  const { native, producer: kafka } = producer()
  const sent = (): string[] => native.sent.map(record => String(record[2]))
  native.flushes = 1_000_000
  native.room = 1
  void kafka.write(outgoing(['1', '2']))
  const flush = kafka.flush()
  await expect.poll(() => native.flushes).toBeLessThan(1_000_000)
  const later = outgoing(['3'])
  const wait = kafka.write(later)
  later.data.fill('x')
  const last = kafka.flush()
  expect(sent()).toEqual(['1', '2'])
  native.flushes = 0
  await flush
  await wait
  await last
  expect(sent()).toEqual(['1', '2', '3'])
})

test('what is written while somebody holds it back is sent at the release', async () => {
  const { native, producer: kafka } = producer()
  kafka.hold()
  const wait = kafka.write(outgoing(['1']))
  await kafka.flush()
  expect(native.sent).toEqual([])
  kafka.release()
  await wait
  expect(native.sent).toHaveLength(1)
})

test('of the failures of an epoch the one that says why is told', async () => {
  const { native, producer: kafka } = producer()
  const at = { topic: 'shop', partition: 0, size: 1 }
  native.reports = [
    [failure(-150, 'Local: Fatal error'), at],
    [failure(10, 'Broker: Message size too large'), { ...at, partition: 1 }],
    [failure(-152, 'Local: Purged in queue'), at],
  ]
  await kafka.write(outgoing(['a', 'b', 'c']))
  await expect(kafka.flush()).rejects.toMatchObject({
    retriable: false,
    place: { partition: 1 },
    text: expect.stringContaining('Message size too large'),
  })
})

test('after a gap the client is at its end, and every flush says so at once', async () => {
  const { native, producer: kafka } = producer()
  native.flushError = failure(-185, 'timed out')
  native.emit('event.error', failure(-195, 'broker down'))
  native.emit('event.error', failure(-148, 'gap-less ordering would not be guaranteed'))
  const ended = { code: 'DELIVERY_FAILED', retriable: true }
  await expect(kafka.flush()).rejects.toMatchObject(ended)
  await expect(kafka.flush()).rejects.toMatchObject(ended)
})

test('a flush that ends too late is in doubt, and may be tried again', async () => {
  const { native, producer: kafka } = producer(50)
  native.flushError = failure(-185, 'timed out')
  await expect(kafka.flush()).rejects.toMatchObject({
    code: 'DELIVERY_FAILED',
    retriable: true,
    text: expect.stringContaining('within 0 s; whether they were written is not known'),
  })
})

test('a record the client would alter is refused', async () => {
  const { native, producer: kafka } = producer()
  const records = outgoing(['a'])
  records.timestamps[0] = 0.9
  await kafka.write(records)
  await expect(kafka.flush()).rejects.toThrow('its timestamp is 0')
  await kafka.write(outgoing(['a'], [{ name: 'x\0', value: null }]))
  await expect(kafka.flush()).rejects.toThrow('null character')
  expect(native.sent).toEqual([])
})
