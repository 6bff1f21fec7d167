import { describe, expect, test } from 'vitest'
import { rowsOf } from '../batch/row.ts'
import { fail } from '../record/error-policy.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import { readWatermarkRecord } from '../record/format/watermark-record.ts'
import { RepartitionIntake } from '../runtime/repartition-intake.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { plainRecord } from '../transport/plain-record.ts'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { partitionOfKey } from '../util/murmur2.ts'
import type { OperatorContext } from './operator.ts'
import { RepartitionOperator } from './repartition.ts'

const Row = schema({ shop: t.string().nullable(), n: t.int32(), j: t.json().nullable() })
const codec = groupKeyCodec([t.string().nullable()])
const rows = Array.from({ length: 30 }, (_, n) =>
  n % 6 === 2 ? null : { n, shop: n % 5 === 0 ? null : `s${n % 4}`, j: { n } },
)
const input = examBatch(Row, rows)

testOperator(
  { describe, test, expect },
  {
    create: onError =>
      new RepartitionOperator({
        name: 'groupBy#1',
        topic: 'internal',
        schema: Row,
        group: { codec, columns: ['shop'] },
        onError,
      }),
    input,
    tombstones: 'ignored',
  },
)

function opened(partitionCount = 3) {
  const produced: OutgoingRecords[] = []
  const counts: Record<string, number> = {}
  const operator = new RepartitionOperator({
    name: 'groupBy#1',
    topic: 'internal',
    schema: Row,
    group: { codec, columns: ['shop'] },
    onError: fail(),
  })
  operator.open({
    partition: 1,
    taskCount: 2,
    partitionCount: () => partitionCount,
    send: records => produced.push(records),
    count: (metric, amount) => {
      counts[metric] = amount
    },
  } as Partial<OperatorContext> as OperatorContext)
  return { operator, produced, counts }
}

test('what it sends is what the other half reads, with the watermarks of the source', () => {
  const { operator, produced } = opened()
  const watermarks = Float64Array.from(rows, (_, i) => i - 5)
  operator.process(input.with({ records: { ...input.records, watermarks } }))
  const [raw] = produced as [OutgoingRecords]
  const intake = new RepartitionIntake({
    kind: 'repartition',
    identity: 'x',
    upstream: 0,
    schema: Row,
  })
  const offsets = Float64Array.from({ length: raw.count }, (_, i) => i)
  const place = { topic: 'internal', partition: 0, offsets, nextOffset: raw.count }
  const events = [...intake.take({ ...raw, ...place })]
  expect(events.map(({ kind }) => kind)).toEqual(['rows'])
  const [event] = events
  if (event?.kind !== 'rows') throw new Error('rows expected')
  const { batch } = event
  const rowAt = rowsOf(batch)
  const sent = rows.flatMap((row, i) => (row === null ? [] : [{ row, i }]))
  expect(Array.from({ length: batch.count }, (_, i) => rowAt(i))).toEqual(
    sent.map(({ row }) => row),
  )
  expect([...batch.records.watermarks]).toEqual(sent.map(({ i }) => i - 5))
  expect([...batch.records.timestamps]).toEqual(sent.map(({ i }) => input.records.timestamps[i]))
  expect(sent.map((_, i) => batch.headers(i))).toEqual(sent.map(({ i }) => input.headers(i)))
})

test('one group goes to one partition, the one that its key has on Kafka', () => {
  const { operator, produced, counts } = opened()
  operator.process(input)
  const [raw] = produced as [OutgoingRecords]
  const partitions = Array.from({ length: raw.count }, (_, i) => {
    const key = plainRecord(raw, i).key as Buffer
    expect(raw.partitions?.[i]).toBe(partitionOfKey(key, 0, key.length, 3))
    return raw.partitions?.[i]
  })
  expect(new Set(partitions).size).toBeGreaterThan(1)
  expect(counts).toEqual({ records_repartitioned: 25, tombstones_ignored: 5 })
})

describe('what it says of time', () => {
  const said = (produced: OutgoingRecords[]) =>
    produced.splice(0).map(raw => {
      const records = Array.from({ length: raw.count }, (_, i) => plainRecord(raw, i))
      expect(records.every(({ key }) => key === null)).toBe(true)
      expect([...(raw.partitions as Int32Array)]).toEqual([0, 1, 2])
      return readWatermarkRecord(records[0]?.value as Buffer)
    })
  const end = { epoch: 3, at: 77, isIdle: false, isFinal: false }

  test('goes to every partition, with who says it', () => {
    const { operator, produced } = opened()
    operator.advance(5_000)
    operator.endEpoch(end)
    expect(plainRecord(produced[0] as OutgoingRecords, 2).timestamp).toBe(77)
    expect(said(produced)).toEqual([
      { task: 1, taskCount: 2, watermark: 5_000, isIdle: false, isFinal: false, epoch: 3 },
    ])
  })

  test('is said again when it changed, or when rows came in between', () => {
    const { operator, produced } = opened()
    operator.advance(5_000)
    operator.endEpoch(end)
    said(produced)
    operator.endEpoch({ ...end, epoch: 4 })
    expect(said(produced)).toEqual([])
    operator.endEpoch({ ...end, epoch: 5, isIdle: true })
    expect(said(produced)).toMatchObject([{ isIdle: true }])
    operator.process(examBatch(Row, [{ n: 1, shop: 'a', j: null }]))
    produced.length = 0
    operator.endEpoch({ ...end, epoch: 6, isIdle: true })
    expect(said(produced)).toMatchObject([{ isIdle: true, epoch: 6 }])
    operator.advance(6_000)
    operator.endEpoch({ ...end, epoch: 7, isIdle: true })
    expect(said(produced)).toMatchObject([{ watermark: 6_000 }])
  })
})
