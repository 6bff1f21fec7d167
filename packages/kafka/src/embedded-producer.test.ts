import {
  type OutgoingRecords,
  type Producer,
  partitionOfKey,
  RawRecordsBuilder,
} from '@millrace/core'
import { expect, test } from 'vitest'
import { EmbeddedLedger } from './embedded-ledger.ts'
import { EmbeddedProducer } from './embedded-producer.ts'

function producer() {
  const written: OutgoingRecords[] = []
  const inner: Producer = {
    write: records => void written.push(records),
    flush: async () => {},
    close: async () => {},
  }
  return { written, producer: new EmbeddedProducer(inner, new EmbeddedLedger()) }
}

function records(count: number, key: string | null, valueBytes: number): OutgoingRecords {
  const builder = new RawRecordsBuilder()
  for (let i = 0; i < count; i++) {
    builder.append(key === null ? null : Buffer.from(key), Buffer.alloc(valueBytes), 1)
  }
  return { ...builder.build(), topic: 'shop', partitions: null }
}

test('chooses the partition of a key by murmur2, and takes turns for null keys', async () => {
  const { written, producer: guarded } = producer()
  await guarded.write(records(1, 'ann', 1))
  await guarded.write(records(5, null, 1))
  const key = Buffer.from('ann')
  expect([...(written[0]?.partitions ?? [])]).toEqual([partitionOfKey(key, 0, key.length, 4)])
  expect([...(written[1]?.partitions ?? [])]).toEqual([0, 1, 2, 3, 0])
})

test('writes nothing that would not fit; the flush says so, once', async () => {
  const { written, producer: guarded } = producer()
  await guarded.write(records(4, 'ann', 1_000_000))
  await guarded.flush()
  await guarded.write(records(2, 'ann', 1_000_000))
  expect(written).toHaveLength(1)
  await expect(guarded.flush()).rejects.toThrow('EMBEDDED_BROKER_FULL')
  await guarded.flush()
  await guarded.write(records(2, 'bob', 1_000))
  await guarded.flush()
  expect(written).toHaveLength(2)
})
