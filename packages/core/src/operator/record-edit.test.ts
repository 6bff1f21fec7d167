import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import type { MillraceError } from '../errors.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { integer, string } from '../serde/scalars.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { type CellReader, cellReaderOf } from './cell-reader.ts'
import {
  editHeaders,
  editKey,
  editTimestamp,
  epochMs,
  type RecordEdit,
  RecordEditOperator,
} from './record-edit.ts'

const Row = schema({ n: t.int32(), text: t.string().nullable(), at: t.json().nullable() })
const rows = Array.from({ length: 30 }, (_, n) =>
  n % 6 === 2 ? null : { n, text: n % 4 === 0 ? null : `t${n}`, at: n === 9 ? 'noon' : n * 10 },
)
const column =
  (name: string): CellReader =>
  batch =>
    cellReaderOf(batch, name)

const EXAMS: readonly (readonly [string, () => RecordEdit, readonly number[]])[] = [
  ['withKey#1', () => editKey(column('text'), string()), []],
  ['withKey#2', () => editKey(column('at'), integer()), [9]],
  ['withTimestamp#3', () => editTimestamp(column('at')), [9]],
  [
    'withHeaders#4',
    () =>
      editHeaders(({ n }, headers) => {
        if (n === 7) throw new Error('no')
        return [...headers, { name: 'n', value: Buffer.from(String(n)) }]
      }),
    [7],
  ],
]
for (const [name, edit, failing] of EXAMS) {
  testOperator(
    { describe, test, expect },
    {
      create: onError => new RecordEditOperator(name, edit(), onError),
      input: examBatch(Row, rows),
      tombstones: 'pass',
      failing,
    },
  )
}

function edited(edit: RecordEdit, batch: Batch): { batch: Batch; failures: MillraceError[] } {
  const failures: MillraceError[] = []
  const operator = new RecordEditOperator('edit#1', edit, skip())
  operator.open({ recordFailed: (error: MillraceError) => failures.push(error) } as never)
  const emitted: Batch[] = []
  operator.process(batch, {
    emit: each => emitted.push(each),
    late: () => {},
    update: () => {},
    settled: async () => {},
  })
  return { batch: emitted[0] as Batch, failures }
}

const input = examBatch(Row, [
  { n: 0, text: 'é', at: 1.9 },
  null,
  { n: 2, text: null, at: -1.1 },
  { n: 3, text: '', at: null },
])
const keys = ({ records }: Batch): (string | null)[] =>
  [0, 1, 2, 3].map(i => (records.keys.isNull(i) ? null : String(records.keys.get(i))))

test('keys: a null cell is a null key, empty text is not; a tombstone keeps its key', () => {
  expect(keys(edited(editKey(column('text'), string()), input).batch)).toEqual([
    'é',
    'k1',
    null,
    '',
  ])
})

test('times are whole milliseconds, cut towards the past; a tombstone keeps its time', () => {
  const { batch, failures } = edited(editTimestamp(column('at')), input)
  expect([...batch.records.timestamps]).toEqual([1, 1_000, -2, 3_000])
  expect([...(batch.selection as Int32Array)]).toEqual([0, 1, 2])
  expect(failures.map(({ code, place }) => [code, place.offset])).toEqual([['TYPE_MISMATCH', 103]])
})

test('headers are made from the row and the headers so far', () => {
  const { batch } = edited(
    editHeaders((row, headers) => [...headers, { name: String(row['text']), value: null }]),
    input,
  )
  expect(batch.headers(0).map(({ name }) => name)).toEqual(['h', 'é'])
  expect(batch.headers(1)).toEqual([])
  expect(batch.headers(2)).toEqual([{ name: 'null', value: null }])
})

test('the rest of the record stays', () => {
  const { batch } = edited(editTimestamp(column('n')), input)
  expect(batch.columns).toBe(input.columns)
  const { timestamps: _, ...others } = batch.records
  const { timestamps: __, ...before } = input.records
  expect(others).toEqual(before)
})

test.each([
  [12.7, 12],
  [12n, 12],
  [-0.5, -1],
])('%s is a time', (cell, ms) => {
  expect(epochMs(cell)).toBe(ms)
})

test.each([null, 'noon', Number.NaN, Number.POSITIVE_INFINITY, true, {}])('%s is none', cell => {
  expect(() => epochMs(cell)).toThrow('must be epoch milliseconds')
})
