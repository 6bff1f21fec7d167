import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import type { MillraceError } from '../errors.ts'
import type { OperatorContext } from '../operator/operator.ts'
import type { TopicInput } from '../operator/pipeline.ts'
import { type ErrorPolicy, fail, skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { bytes, long, string } from '../serde/scalars.ts'
import type { ByteRanges } from '../serde/serde.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import { RawRecordsBuilder } from '../transport/raw-records-builder.ts'
import { SourceClock } from './source-clock.ts'
import { TopicIntake } from './topic-intake.ts'

const Row = schema({ id: t.string(), n: t.int32() })

function setUp(parts: Partial<TopicInput> = {}) {
  const failures: MillraceError[] = []
  const context = {
    recordFailed: (error: MillraceError, policy: ErrorPolicy) => {
      if (policy.kind === 'fail') throw error
      failures.push(error)
    },
  } as unknown as OperatorContext
  const clock = new SourceClock(0, 0)
  const input: TopicInput = {
    kind: 'topic',
    topic: 'in',
    decoder: () => json(Row).decoder('all'),
    key: null,
    timestamp: null,
    disorderMs: 0,
    idleMs: 0,
    onError: skip(),
    ...parts,
  }
  return { intake: new TopicIntake(input, clock, context), failures, clock }
}

type Record_ = readonly [key: string | Uint8Array | null, value: string | null, time?: number]

function raw(records: readonly Record_[]): RawBatch {
  const builder = new RawRecordsBuilder()
  for (const [key, value, time = 0] of records) {
    builder.append(
      key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(value),
      time,
    )
  }
  const offsets = Float64Array.from(records, (_, i) => 50 + i)
  return { ...builder.build(), topic: 'in', partition: 3, offsets, nextOffset: 99 }
}

function rows(batch: Batch): object[] {
  const rowAt = rowsOf(batch)
  return Array.from({ length: batch.count }, (_, nth) => {
    const index = batch.at(nth)
    return batch.isTombstone(index)
      ? { tombstone: `${batch.records.keys.get(index)}` }
      : rowAt(index)
  })
}

test('a record that cannot be read is dropped alone, and moves no time', () => {
  const { intake, failures, clock } = setUp()
  const batch = intake.take(
    raw([
      ['a', '{"id":"a","n":1}', 10],
      ['b', '{"id":"b"', 999],
      ['c', null, 20],
      ['d', '{"id":"d","n":"x"}', 999],
      [null, '{"id":"e","n":5}', 30],
    ]),
  )
  expect(rows(batch)).toEqual([{ id: 'a', n: 1 }, { tombstone: 'c' }, { id: 'e', n: 5 }])
  expect(failures.map(({ code, place }) => [code, place])).toEqual([
    ['DECODE_FAILED', { topic: 'in', partition: 3, offset: 51, field: undefined }],
    ['DECODE_FAILED', { topic: 'in', partition: 3, offset: 53, field: 'n' }],
  ])
  expect([...batch.records.watermarks].filter((_, i) => i !== 1 && i !== 3)).toEqual([
    Number.NEGATIVE_INFINITY,
    10,
    20,
  ])
  expect(clock.watermark).toBe(30)
  expect(batch.records.keys.isNull(4)).toBe(true)
})

test('an empty key is not a null key', () => {
  const { records } = setUp().intake.take(raw([['', '{"id":"a","n":1}']]))
  expect([records.keys.isNull(0), records.keys.get(0)]).toEqual([false, Buffer.alloc(0)])
})

test('a record that cannot be read stops the run where the policy says so', () => {
  const { intake } = setUp({ onError: fail() })
  expect(() => intake.take(raw([['a', 'no']]))).toThrow(
    /DECODE_FAILED: .*skip\(\).*topic in\/3 offset 50/s,
  )
})

test('nothing is an empty batch', () => {
  expect(setUp().intake.take(raw([])).count).toBe(0)
})

describe('the key column', () => {
  const key = { column: 'id', serde: string(), isAdded: false }

  test('must agree with the value', () => {
    const { intake, failures } = setUp({ key })
    const batch = intake.take(
      raw([
        ['a', '{"id":"a","n":1}'],
        ['x', '{"id":"b","n":2}'],
        [null, '{"id":"c","n":3}'],
        ['d', null],
        [Uint8Array.of(0xff), '{"id":"e","n":5}'],
      ]),
    )
    expect(rows(batch)).toEqual([{ id: 'a', n: 1 }, { tombstone: 'd' }])
    // What cannot be decoded is told first, then what does not agree.
    expect(failures.map(({ code, place }) => [code, place.offset, place.field])).toEqual([
      ['DECODE_FAILED', 54, 'id'],
      ['KEY_MISMATCH', 51, 'id'],
      ['NULL_KEY', 52, 'id'],
    ])
  })

  test('may differ from the value in any byte', () => {
    for (let size = 1; size <= 13; size++) {
      const { intake, failures } = setUp({ key })
      const value = `{"id":"${'x'.repeat(size)}","n":1}`
      const others = Array.from({ length: size }, (_, at) => {
        return [`${'x'.repeat(at)}y${'x'.repeat(size - at - 1)}`, value] as const
      })
      const batch = intake.take(raw([['x'.repeat(size), value], ...others]))
      expect(batch.count).toBe(1)
      expect(failures.map(({ code }) => code)).toEqual(others.map(() => 'KEY_MISMATCH'))
    }
  })

  test('is added where the value has none, in front', () => {
    const { intake } = setUp({ key: { ...key, column: 'user', isAdded: true } })
    const batch = intake.take(raw([['u', '{"id":"a","n":1}']]))
    expect(batch.schema.names).toEqual(['user', 'id', 'n'])
    expect(rows(batch)).toEqual([{ user: 'u', id: 'a', n: 1 }])
  })

  test('a record fails once, though both its value and its key are bad', () => {
    const { intake, failures } = setUp({ key })
    intake.take(raw([[null, 'no']]))
    expect(failures).toHaveLength(1)
  })

  test.each([
    [t.int64({ as: 'number' }), long(), Buffer.from([0, 0, 0, 0, 0, 0, 0, 5]), '5', '6'],
    [t.int64(), long(), Buffer.from([0, 0, 0, 0, 0, 0, 0, 5]), '5', '6'],
    [t.bytes(), bytes(), Buffer.from('abc'), '"YWJj"', '"YWJk"'],
  ])('of type %s is compared by value', (type, serde, bytesOfKey, same, other) => {
    const { intake, failures } = setUp({
      decoder: () => json(schema({ id: type })).decoder('all'),
      key: { column: 'id', serde, isAdded: false },
    })
    const batch = intake.take(
      raw([
        [bytesOfKey, `{"id":${same}}`],
        [bytesOfKey, `{"id":${other}}`],
      ]),
    )
    expect(batch.count).toBe(1)
    expect(failures.map(({ code, place }) => [code, place.offset])).toEqual([['KEY_MISMATCH', 51]])
  })
})

test('asks the decoders to prepare, and waits only where one has something to wait for', async () => {
  const seen: number[] = []
  const decoder = (wait: Promise<void> | undefined) => ({
    ...json(Row).decoder('all'),
    decode: (ranges: ByteRanges) => json(Row).decoder('all').decode(ranges),
    prepare: (ranges: ByteRanges) => {
      seen.push(ranges.headers?.size[0] ?? -1)
      return wait
    },
  })
  const records = raw([['a', '{"id":"a","n":1}']])
  expect(setUp().intake.prepare(records)).toBe(undefined)
  expect(setUp({ decoder: () => decoder(undefined) }).intake.prepare(records)).toBe(undefined)
  const serde = { ...string(), decoder: () => decoder(Promise.resolve()) }
  const key = { column: 'id', serde, isAdded: false }
  await setUp({ decoder: () => decoder(Promise.resolve()), key }).intake.prepare(records)
  expect(seen).toEqual([0, 0, 0])
  const failing = setUp({ decoder: () => decoder(Promise.reject(new Error('away'))) })
  await expect(failing.intake.prepare(records)).rejects.toThrow('away')
})
