import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PlainRecord } from '../record/plain-record.ts'
import { plainRecord } from './plain-record.ts'
import type { RawRecords } from './raw-records.ts'
import { RawRecordsBuilder } from './raw-records-builder.ts'

const bytes = fc.option(fc.uint8Array({ maxLength: 50 }).map(array => Buffer.from(array)))
const records: fc.Arbitrary<PlainRecord[]> = fc.array(
  fc.record({
    key: bytes,
    value: bytes,
    timestamp: fc.integer(),
    headers: fc.array(fc.record({ name: fc.string(), value: bytes }), { maxLength: 3 }),
  }),
  { maxLength: 200 },
)

function plainRecords(raw: RawRecords): PlainRecord[] {
  return Array.from({ length: raw.count }, (_, i) => plainRecord(raw, i))
}

function appendAll(builder: RawRecordsBuilder, all: readonly PlainRecord[]): void {
  for (const { key, value, timestamp, headers } of all) {
    builder.append(key, value, timestamp, headers)
  }
}

describe('records', () => {
  test('come back as they were appended, however many there are', () => {
    fc.assert(
      fc.property(records, all => {
        const builder = new RawRecordsBuilder(1)
        appendAll(builder, all)
        expect(builder.count).toBe(all.length)
        expect(plainRecords(builder.build())).toEqual(all)
      }),
    )
  })

  test('can be copied one by one from other records', () => {
    fc.assert(
      fc.property(records, all => {
        const source = new RawRecordsBuilder()
        appendAll(source, all)
        const raw = source.build()
        const copy = new RawRecordsBuilder()
        for (let i = raw.count - 1; i >= 0; i--) copy.copyRecord(raw, i)
        expect(plainRecords(copy.build())).toEqual(all.toReversed())
      }),
    )
  })

  test('are encoded in place, part by part', () => {
    const builder = new RawRecordsBuilder()
    const { out } = builder
    builder.startKey()
    out.text('k')
    out.text('ey')
    builder.endKey()
    builder.startValue()
    builder.endValue()
    builder.headers([{ name: 'h', value: null }])
    builder.endRecord(7)
    builder.startValue()
    out.text('value')
    builder.endValue()
    builder.endRecord(8)
    builder.endRecord(9)
    expect(plainRecords(builder.build())).toEqual([
      {
        key: Buffer.from('key'),
        value: Buffer.alloc(0),
        timestamp: 7,
        headers: [{ name: 'h', value: null }],
      },
      { key: null, value: Buffer.from('value'), timestamp: 8, headers: [] },
      { key: null, value: null, timestamp: 9, headers: [] },
    ])
  })
})

describe('a record under way', () => {
  function begin(builder: RawRecordsBuilder): void {
    builder.startKey()
    builder.out.text('bad key')
    builder.endKey()
    builder.headers([{ name: 'bad', value: null }])
    builder.startValue()
    builder.out.text('half a val')
  }

  test('leaves nothing behind when it is abandoned', () => {
    const builder = new RawRecordsBuilder()
    builder.append(Buffer.from('a'), null, 1)
    begin(builder)
    builder.abandon()
    builder.endRecord(2)
    const raw = builder.build()
    expect(raw.data.toString()).toBe('a')
    expect(plainRecords(raw)).toEqual([
      { key: Buffer.from('a'), value: null, timestamp: 1, headers: [] },
      { key: null, value: null, timestamp: 2, headers: [] },
    ])
  })

  test('is not among what is built', () => {
    const builder = new RawRecordsBuilder()
    builder.append(Buffer.from('a'), null, 1)
    begin(builder)
    const raw = builder.build()
    expect([raw.count, raw.data.toString()]).toEqual([1, 'a'])
  })
})

describe('what was given away', () => {
  test('stays as it is while the builder is used for the next records', () => {
    const builder = new RawRecordsBuilder()
    appendAll(builder, [plain('one'), plain('two')])
    const first = builder.build()
    expect([builder.count, builder.dataBytes]).toEqual([0, 0])
    appendAll(builder, [plain('three')])
    const second = builder.build()
    expect(plainRecords(first)).toEqual([plain('one'), plain('two')])
    expect(plainRecords(second)).toEqual([plain('three')])
  })

  test('a view stays as it is while more is appended', () => {
    const builder = new RawRecordsBuilder(8)
    const all = Array.from({ length: 300 }, (_, i) => plain(`value ${i}`))
    const views: RawRecords[] = []
    for (const [i, record] of all.entries()) {
      appendAll(builder, [record])
      views.push(builder.view(Math.max(0, i - 2), i + 1))
    }
    for (const [i, view] of views.entries()) {
      expect(plainRecords(view)).toEqual(all.slice(Math.max(0, i - 2), i + 1))
    }
  })
})

function plain(value: string): PlainRecord {
  return { key: null, value: Buffer.from(value), timestamp: 0, headers: [] }
}

test('values may be there before their records; those are not forgotten with a record', () => {
  const builder = new RawRecordsBuilder()
  const start = builder.ahead(Buffer.from('onetwo'))
  builder.startKey()
  builder.out.text('forgotten')
  builder.abandon()
  builder.value(start + 3, 3)
  builder.endRecord(1)
  builder.append(Buffer.from('k'), Buffer.from('three'), 2)
  const raw = builder.build()
  const texts = [0, 1].map(index => String(plainRecord(raw, index).value))
  expect([texts, raw.data.toString()]).toEqual([['two', 'three'], 'onetwokthree'])
})
