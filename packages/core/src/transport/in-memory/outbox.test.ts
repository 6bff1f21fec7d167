import { expect, test } from 'vitest'
import type { OutgoingRecords } from '../raw-records.ts'
import { RawRecordsBuilder } from '../raw-records-builder.ts'
import { InMemoryBroker } from './in-memory-broker.ts'
import { Outbox } from './outbox.ts'

function outgoing(...values: string[]): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (const value of values) builder.append(Buffer.from('k'), Buffer.from(value), 0)
  return { ...builder.build(), topic: 'a', partitions: null }
}

function setUp() {
  const broker = new InMemoryBroker()
  broker.createTopic('a')
  const outbox = new Outbox(broker, broker.connect('x', 'one'), (log, records, index) =>
    log.append(records, index),
  )
  const values = () => broker.read('a').map(({ value }) => String(value))
  return { broker, outbox, values }
}

test('on a clear line records are there at once', async () => {
  const { outbox, values } = setUp()
  outbox.write(outgoing('1', '2'))
  expect(values()).toEqual(['1', '2'])
  await outbox.settled()
  expect(outbox.takeFailure()).toBe(null)
})

test('while the client hangs they wait, in order, as they were when written', async () => {
  const { broker, outbox, values } = setUp()
  const wake = broker.hang('one')
  const first = outgoing('1')
  outbox.write(first)
  first.data.fill('x')
  first.valueSize.fill(-1)
  outbox.write(outgoing('2'))
  await new Promise(resolve => setImmediate(resolve))
  expect(values()).toEqual([])
  wake()
  outbox.write(outgoing('3'))
  await outbox.settled()
  expect(values()).toEqual(['1', '2', '3'])
  outbox.write(outgoing('4'))
  expect(values()).toEqual(['1', '2', '3', '4'])
})

test('a fault before loses records, one after loses only the answer', async () => {
  const { broker, outbox, values } = setUp()
  const fail = () => {
    throw new Error('cable')
  }
  broker.faults.before('write', fail)
  outbox.write(outgoing('1'))
  outbox.write(outgoing('2'))
  await outbox.settled()
  expect(values()).toEqual(['2'])
  expect(outbox.takeFailure()).toMatchObject({
    code: 'DELIVERY_FAILED',
    cause: { message: 'cable' },
  })
  expect(outbox.takeFailure()).toBe(null)
  broker.faults.after('write', fail)
  outbox.write(outgoing('3'))
  await outbox.settled()
  expect(values()).toEqual(['2', '3'])
  expect(outbox.takeFailure()).toMatchObject({ code: 'DELIVERY_FAILED' })
})
