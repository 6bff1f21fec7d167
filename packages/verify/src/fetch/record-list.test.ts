import { type RawBatch, RawRecordsBuilder } from '@millrace/core'
import { expect, test } from 'vitest'
import { differences, digestsOf } from './record-list.ts'

function batchOf(
  ...records: [key: string | null, value: string | null, time: number, headers: string[]][]
): RawBatch {
  const builder = new RawRecordsBuilder()
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text))
  for (const [key, value, time, headers] of records) {
    const list = headers.map(name => ({ name, value: null }))
    builder.append(bytes(key), bytes(value), time, list)
  }
  const raw = builder.build()
  const offsets = Float64Array.from(records, (_, i) => i)
  return { ...raw, topic: 'orders', partition: 0, offsets, nextOffset: records.length }
}

test('everything of a record is in its digest', () => {
  const all = digestsOf(
    batchOf(
      ['a', 'b', 1, []],
      ['ab', '', 1, []],
      ['', 'ab', 1, []],
      [null, 'ab', 1, []],
      ['ab', null, 1, []],
      ['a', 'b', 1, ['h']],
    ),
    100,
  ).map(text => text.slice(text.indexOf(' ')))
  expect(new Set(all).size).toBe(6)
  const [first = '', later = ''] = digestsOf(batchOf(['a', 'b', 1, []], ['a', 'b', 2, []]), 100)
  expect(first.split(' ')[2]).toBe(later.split(' ')[2])
  expect([first.split(' ')[1], later.split(' ')[1]]).toEqual(['1', '2'])
})

test('records behind the end are left out', () => {
  expect(digestsOf(batchOf(['a', 'b', 1, []], ['a', 'b', 2, []]), 1)).toHaveLength(1)
})

test('a null value of a header counts as an empty one: librdkafka gives both alike', () => {
  const of = (value: Buffer | null) => {
    const builder = new RawRecordsBuilder()
    builder.append(null, null, 1, [{ name: 'h', value }])
    const offsets = Float64Array.of(0)
    return digestsOf({ ...builder.build(), topic: 't', partition: 0, offsets, nextOffset: 1 }, 1)
  }
  expect(of(null)).toEqual(of(Buffer.alloc(0)))
  expect(of(null)).not.toEqual(of(Buffer.from('x')))
})

test('a record that is missing, one too many, and another end are told', () => {
  const list = (records: string[], position: number) => ({ records, position })
  expect(differences('t/0', list(['a', 'b'], 2), list(['a', 'b'], 2))).toEqual([])
  expect(differences('t/0', list(['a'], 2), list(['a', 'b'], 2))).toEqual([
    't/0: record 1: nothing; librdkafka has b',
  ])
  expect(differences('t/0', list(['a', 'b'], 3), list(['a'], 2))).toEqual([
    't/0: record 1: b; librdkafka has nothing',
    't/0: ended at 3; librdkafka ended at 2',
  ])
})
