import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { MillraceError } from '../errors.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, type Schema, schema } from '../schema/schema.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import { MapOperator } from './map.ts'

const In = schema({ n: t.int32(), text: t.string().nullable() })
const Out = schema({ twice: t.int32(), note: t.string().nullable() })
const rows = Array.from({ length: 40 }, (_, n) =>
  n % 6 === 2 ? null : { n, text: n % 4 === 0 ? null : `t${n}` },
)
const double = ({ n, text }: Row): Row => {
  if (n === 13) throw new Error('unlucky')
  return { twice: n === 15 ? 'x' : (n as number) * 2, note: text ?? null }
}
const repeat = ({ n }: Row): Row[] => {
  if (n === 13) throw new Error('unlucky')
  return Array.from({ length: (n as number) % 4 }, (_, i) => ({ n: n as number, i }))
}

for (const exam of [
  { name: 'map#1', schema: Out as Schema, expands: false, apply: double, failing: [13, 15] },
  { name: 'map#2', schema: OPEN_SCHEMA, expands: false, apply: double, failing: [13] },
  { name: 'flatMap#3', schema: OPEN_SCHEMA, expands: true, apply: repeat, failing: [13] },
]) {
  testOperator(
    { describe, test, expect },
    {
      create: onError => new MapOperator({ ...exam, onError }),
      input: examBatch(In, rows),
      tombstones: 'pass',
      failing: exam.failing,
    },
  )
}

function run(apply: (row: Row) => unknown, options: { expands?: boolean; schema?: Schema } = {}) {
  const { expands = false } = options
  const map = new MapOperator({
    name: 'step#1',
    schema: options.schema ?? OPEN_SCHEMA,
    expands,
    apply,
    onError: skip(),
  })
  const failures: MillraceError[] = []
  map.open({ recordFailed: (error: MillraceError) => failures.push(error) } as never)
  const emitted: Batch[] = []
  const input = examBatch(In, [
    { n: 1, text: 'a' },
    { n: 2, text: 'b' },
  ])
  map.process(input, {
    emit: batch => emitted.push(batch),
    late: () => {},
    update: () => {},
    settled: async () => {},
  })
  const made = emitted.flatMap(batch => {
    const rowAt = rowsOf(batch)
    return Array.from({ length: batch.count }, (_, nth) => rowAt(batch.at(nth)))
  })
  return { rows: made, emitted, failures, texts: failures.map(({ message }) => message) }
}

test('every row of flatMap has the key, time and headers of its record', () => {
  const { emitted, rows: made } = run(({ n }) => [{ n }, { n: 0 }], { expands: true })
  expect(made).toEqual([{ n: 1 }, { n: 0 }, { n: 2 }, { n: 0 }])
  const [batch] = emitted as [Batch]
  expect([...batch.records.timestamps]).toEqual([0, 0, 1_000, 1_000])
  expect([0, 1, 2, 3].map(i => String(batch.records.keys.get(i)))).toEqual(['k0', 'k0', 'k1', 'k1'])
  expect([0, 1].map(i => batch.headers(i))).toEqual([batch.headers(0), batch.headers(0)])
  expect(batch.headers(2)).toEqual([])
})

test('a flatMap that gives no rows emits nothing', () => {
  expect(run(() => [], { expands: true }).emitted).toEqual([])
})

test('takes any iterable of rows', () => {
  const two = function* ({ n }: Row) {
    yield { n }
    yield { n }
  }
  expect(run(two, { expands: true }).rows).toHaveLength(4)
})

test('one bad row among those of a record drops the record, not half of it', () => {
  const { rows: made, failures } = run(({ n }) => [{ n }, n === 1 ? 5 : { n }], { expands: true })
  expect(made).toEqual([{ n: 2 }, { n: 2 }])
  expect(failures).toHaveLength(1)
})

test.each<[string, unknown, boolean, RegExp]>([
  ['nothing', undefined, false, /must give a row.*gave undefined.*use filter or flatMap/s],
  ['null', null, false, /gave null/],
  ['an array', [{}], false, /gave an array/],
  ['text', 'ab', false, /gave string/],
  ['a promise', Promise.resolve({}), false, /Take `async` away/],
  ['one row for many', { n: 1 }, true, /flatMap needs an array of rows.*gave object/s],
  ['text for many', 'ab', true, /flatMap needs an array/],
  ['nothing for many', undefined, true, /gave undefined/],
  ['promises among many', [Promise.resolve({})], true, /Take `async` away/],
])('refuses %s', (_, result, expands, text) => {
  const { texts, rows: made } = run(() => result, { expands })
  expect(made).toEqual([])
  expect(texts).toEqual([expect.stringMatching(text), expect.stringMatching(text)])
})

test('checks rows against the schema, naming the column', () => {
  const { failures, rows: made } = run(
    ({ n }) => (n === 1 ? { twice: 1.5 } : { twice: 2, more: 3 }),
    { schema: Out },
  )
  expect(made).toEqual([{ twice: 2, note: null }])
  expect(failures).toMatchObject([
    { code: 'FUNCTION_FAILED', place: { field: 'twice', offset: 100 } },
  ])
})

test('a row the function keeps and changes later is not ours', () => {
  const kept: Row = { n: 0 }
  const { rows: made } = run(({ n }) => {
    kept['n'] = n as number
    return kept
  })
  expect(made).toEqual([{ n: 1 }, { n: 2 }])
})

test('awkward names are ordinary columns', () => {
  const awkward = JSON.parse('{"__proto__":1,"then":2,"constructor":3}')
  const { rows: made } = run(() => awkward)
  expect(JSON.stringify(made[0])).toBe(JSON.stringify(awkward))
})
