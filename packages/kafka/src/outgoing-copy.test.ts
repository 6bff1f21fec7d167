import { RawRecordsBuilder } from '@millrace/core'
import { expect, test } from 'vitest'
import { outgoingCopy } from './outgoing-copy.ts'

test('a copy has bytes and partitions of its own, from the record asked for on', () => {
  const builder = new RawRecordsBuilder()
  for (const value of ['a', 'b', 'c']) builder.append(null, Buffer.from(value), 5)
  const written = { ...builder.build(), topic: 'orders', partitions: Int32Array.of(0, 1, 2) }
  const copy = outgoingCopy(written, 1)
  written.data.fill(0)
  written.partitions.fill(9)
  const values = [0, 1].map(i => {
    const start = copy.valueStart[i] as number
    return copy.data.toString('utf8', start, start + (copy.valueSize[i] as number))
  })
  expect(values).toEqual(['b', 'c'])
  expect([...(copy.partitions ?? [])]).toEqual([1, 2])
  expect(copy.topic).toBe('orders')
})
