import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { MillraceError } from '../errors.ts'
import { skip } from '../record/error-policy.ts'
import type { Headers } from '../record/headers.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { defaultKeySerde } from '../serde/key-serde.ts'
import type { Encoder } from '../serde/serde.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { plainRecord } from '../transport/plain-record.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { decodeHeaders } from '../transport/record-headers.ts'
import type { OperatorContext } from './operator.ts'
import { ToTopicOperator, type ToTopicOptions } from './to-topic.ts'

const Row = schema({ n: t.int32(), text: t.string().nullable() })
const rows = Array.from({ length: 30 }, (_, n) =>
  n % 6 === 2 ? null : { n, text: n % 4 === 0 ? null : `t${n}` },
)

/** Writes half of a record before it fails. */
const picky: Encoder = {
  encode: (batch, index, out) => {
    out.text('half')
    if (batch.columns[0]?.get(index) === 9) throw new MillraceError('ENCODE_FAILED', 'no nines.')
    out.text(` ${batch.columns[0]?.get(index)}`)
  },
}
const byText: ToTopicOptions['key'] = {
  columns: ['text'],
  encoder: defaultKeySerde([t.string().nullable()]),
}

for (const [name, encoder, key, failing] of [
  ['toTopic#1', json(Row).encoder(Row), null, []],
  ['toTopic#2', picky, byText, [9]],
] as const) {
  testOperator(
    { describe, test, expect },
    {
      create: onError => new ToTopicOperator({ name, topic: 'out', encoder, key, onError }),
      input: examBatch(Row, rows),
      tombstones: 'pass',
      failing,
    },
  )
}

function written(batch: Batch, options: Partial<ToTopicOptions>) {
  const produced: OutgoingRecords[] = []
  const counts: Record<string, number> = {}
  const failures: string[] = []
  const operator = new ToTopicOperator({
    name: 'toTopic#1',
    topic: 'out',
    encoder: json(Row).encoder(Row),
    key: null,
    onError: skip(),
    ...options,
  })
  void operator.open({
    produce: records => produced.push(records),
    recordFailed: error => failures.push(error.message),
    count: (metric, amount) => {
      counts[metric] = amount
    },
  } as Partial<OperatorContext> as OperatorContext)
  operator.process(batch)
  const records = produced.flatMap(raw =>
    Array.from({ length: raw.count }, (_, i) => {
      const { key, value, timestamp, headers } = plainRecord(raw, i)
      return {
        key: key === null ? null : String(key),
        value: value === null ? null : String(value),
        timestamp,
        headers: headers.map(header => `${header.name}=${header.value}`),
      }
    }),
  )
  return { records, produced, counts, failures }
}

test('writes key, value, time and headers; a tombstone as null value under its key', () => {
  const input = examBatch(Row, [{ n: 1, text: 'é' }, null, { n: 3, text: null }])
  const { records, produced, counts } = written(input, {})
  expect(records).toEqual([
    { key: 'k0', value: '{"n":1,"text":"é"}', timestamp: 0, headers: ['h=0'] },
    { key: 'k1', value: null, timestamp: 1_000, headers: [] },
    { key: 'k2', value: '{"n":3,"text":null}', timestamp: 2_000, headers: [] },
  ])
  expect(produced).toMatchObject([{ topic: 'out', partitions: null }])
  expect(counts).toEqual({ records_out: 3 })
})

test('makes keys of columns; a null cell is a null key, and null keys pass', () => {
  const input = examBatch(Row, [{ n: 1, text: 'é' }, null, { n: 3, text: null }])
  expect(written(input, { key: byText }).records.map(({ key }) => key)).toEqual(['é', 'k1', null])
  const unkeyed = examBatch(
    Row,
    Array.from({ length: 7 }, (_, n) => ({ n })),
  ).with({ selection: Int32Array.of(6) })
  expect(written(unkeyed, {}).records.map(({ key }) => key)).toEqual([null])
})

test('nothing of a record that cannot be written is left in those behind it', () => {
  const input = examBatch(Row, [
    { n: 9, text: 'a' },
    { n: 1, text: 'b' },
    { n: 9, text: 'c' },
  ])
  const { records, counts } = written(input, { encoder: picky, key: byText })
  expect(records.map(({ key, value }) => [key, value])).toEqual([['b', 'half 1']])
  expect(counts).toEqual({ records_out: 1 })
})

describe('many records', () => {
  const Many = schema({
    x: t.float64(),
    id: t.int64({ as: 'number' }).nullable(),
    text: t.string().nullable(),
  })
  const list = Array.from({ length: 60 }, (_, n) => ({
    x: n / 7,
    id: n % 5 === 0 ? null : 2 ** 40 - n,
    text: n % 9 === 0 ? null : `"${n}"`,
  }))
  /** One by one: the encoder has no other way. */
  const clear = (): Encoder => {
    const encoder = json(Many).encoder(Many)
    return { encode: (batch, index, out) => encoder.encode(batch, index, out) }
  }
  const selection = Int32Array.from({ length: 40 }, (_, n) => n + Math.floor(n / 2))
  const bare = (rows: readonly ((typeof list)[number] | null)[]): Batch => {
    const batch = examBatch(Many, rows).with({ selection })
    return batch.with({ records: { ...batch.records, headers: null } })
  }
  const keyOf = (...columns: string[]) => ({
    columns,
    encoder: defaultKeySerde(
      columns.map(name => (Many.has(name) ? Many.typeOf(name) : t.string().nullable())),
    ),
  })
  const withHeader = {
    ...defaultKeySerde([t.string().nullable()]),
    headers: (given: Headers) => [...given, { name: 'k', value: null }],
  }
  const failing = list.map((row, n) => (n % 3 === 0 ? { ...row, x: Number.NaN } : row))
  const withTombstones = list.map((row, n) => (n % 5 === 0 ? null : row))

  test.each([
    ['plain', bare(list), null],
    ['with headers', examBatch(Many, list), null],
    ['with tombstones', bare(withTombstones), null],
    ['with keys of a column', bare(list), byText],
    ['with keys of two columns', bare(list), keyOf('text', 'x')],
    ['with keys of a number', bare(list), keyOf('x')],
    ['with keys of a whole number', bare(list), keyOf('id')],
    ['with keys of a column that is not there', bare(list), keyOf('more')],
    ['with keys whose serde adds headers', bare(list), { ...byText, encoder: withHeader }],
    ['with keys of a column, and headers', examBatch(Many, list), byText],
    ['with keys of a column, and tombstones', bare(withTombstones), byText],
    ['with keys of a column, some of which cannot be written', bare(failing), byText],
    ['some of which cannot be written', bare(failing), null],
  ])('%s, are what each by itself is', (_, batch, key) => {
    const encoder = json(Many).encoder(Many)
    const many = written(batch, { encoder, key })
    const one = written(batch, { encoder: clear(), key })
    expect(many.records).toEqual(one.records)
    expect(many.failures).toEqual(one.failures)
    expect(many.counts).toEqual(one.counts)
    expect(many.records.length).toBeGreaterThan(15)
  })

  test('stay as they are while others are written', () => {
    const encoder = json(Many).encoder(Many)
    const first = written(bare(list), { encoder }).produced[0] as OutgoingRecords
    const before = plainRecord(first, 7).value?.toString()
    written(bare(list.toReversed()), { encoder })
    expect(plainRecord(first, 7).value?.toString()).toBe(before)
  })
})

test('produces nothing when no record can be written', () => {
  const input = examBatch(Row, [{ n: 9, text: 'a' }])
  expect(written(input, { encoder: picky })).toMatchObject({ produced: [], counts: {} })
})

test('waits for what the encoders prepare, and writes the headers they say', async () => {
  const prepared: string[] = []
  const prepare = (what: string) => () => {
    prepared.push(what)
    return Promise.resolve()
  }
  const added = (name: string) => (given: Headers) => [...given, { name, value: null }]
  const plain = json(Row).encoder(Row)
  const encoder: Encoder = {
    prepare: prepare('value'),
    headers: added('v'),
    encode: (batch, index, out) => plain.encode(batch, index, out),
  }
  const key = {
    columns: ['text'],
    encoder: {
      ...defaultKeySerde([t.string().nullable()]),
      prepare: prepare('key'),
      headers: added('k'),
    },
  }
  const input = examBatch(Row, [{ n: 1, text: 'a' }, null])
  const operator = new ToTopicOperator({
    name: 'toTopic#1',
    topic: 'out',
    encoder,
    key,
    onError: skip(),
  })
  const produced: OutgoingRecords[] = []
  const context = { produce: (records: OutgoingRecords) => produced.push(records), count: () => {} }
  await operator.open(context as Partial<OperatorContext> as OperatorContext)
  expect(prepared).toEqual(['value', 'key'])
  operator.process(input)
  const names = [0, 1].map(i =>
    decodeHeaders(produced[0] as OutgoingRecords, i).map(({ name }) => name),
  )
  // A tombstone passes as it is.
  expect(names[0]?.slice(-2)).toEqual(['k', 'v'])
  expect(names[1]?.includes('v')).toBe(false)
})

test('what the encoder waits for is waited for, where it does', async () => {
  const asked: Batch[] = []
  const encoder: Encoder = {
    ...picky,
    prefetch: async batch => {
      asked.push(batch)
    },
  }
  const options = { name: 'toTopic#1', topic: 'out', key: null, onError: skip() }
  const batch = examBatch(Row, rows)
  await new ToTopicOperator({ ...options, encoder }).prefetch?.(batch)
  expect(asked).toEqual([batch])
  expect(new ToTopicOperator({ ...options, encoder: picky }).prefetch).toBeUndefined()
})
