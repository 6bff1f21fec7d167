import { describe, expect, test } from 'vitest'
import type { Row } from '../batch/row.ts'
import { fail } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import type { OperatorContext } from './operator.ts'
import { TapOperator } from './tap.ts'

const Sale = schema({ n: t.int32() })
const input = examBatch(
  Sale,
  Array.from({ length: 20 }, (_, n) => (n % 6 === 2 ? null : { n })),
)

testOperator(
  { describe, test, expect },
  {
    create: onError =>
      new TapOperator(
        'tap#1',
        ({ n }) => {
          if (n === 3 || n === 10) throw new Error('no')
        },
        onError,
      ),
    input,
    tombstones: 'pass',
    failing: [3, 10],
  },
)

test('shows each row once and passes the batch itself on', () => {
  const seen: Row[] = []
  const tap = new TapOperator('tap#1', row => seen.push(row), fail())
  tap.open({} as OperatorContext)
  const emitted: unknown[] = []
  const batch = input.with({ selection: Int32Array.of(1, 2, 4) })
  tap.process(batch, {
    emit: each => emitted.push(each),
    late: () => {},
    update: () => {},
    settled: async () => {},
  })
  expect(seen).toEqual([{ n: 1 }, { n: 4 }])
  expect(emitted).toEqual([batch])
  expect(emitted[0]).toBe(batch)
})

test('what the function does to its row changes nothing', () => {
  const tap = new TapOperator('tap#1', row => Object.assign(row, { n: -1 }), fail())
  tap.open({} as OperatorContext)
  tap.process(input, { emit: () => {}, late: () => {}, update: () => {}, settled: async () => {} })
  expect(input.columns[0]?.get(0)).toBe(0)
})
