import { expect, test } from 'vitest'
import { plainRecord } from './plain-record.ts'
import { RawRecordsBuilder } from './raw-records-builder.ts'

test('tells null from empty, and gives every part of the record asked for', () => {
  const builder = new RawRecordsBuilder()
  builder.append(Buffer.from('other'), Buffer.from('record'), 1)
  builder.append(null, Buffer.alloc(0), 2, [{ name: 'n', value: null }])
  builder.append(Buffer.alloc(0), null, 3)
  const raw = builder.build()
  expect(plainRecord(raw, 1)).toEqual({
    key: null,
    value: Buffer.alloc(0),
    timestamp: 2,
    headers: [{ name: 'n', value: null }],
  })
  expect(plainRecord(raw, 2)).toEqual({
    key: Buffer.alloc(0),
    value: null,
    timestamp: 3,
    headers: [],
  })
})
