import { describe, expect, test } from 'vitest'
import type { Batch } from '../batch/batch.ts'
import { rowsOf } from '../batch/row.ts'
import { columnsOf } from '../expr/columns.ts'
import { evaluator } from '../expr/evaluate.ts'
import type { Expression } from '../expr/expression.ts'
import { skip } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, type RowOf, Schema, schema } from '../schema/schema.ts'
import { testOperator } from '../testing/conformance/operator.ts'
import { examBatch } from '../testing/exam-batch.ts'
import type { CellReader } from './cell-reader.ts'
import { cellReaderOf } from './cell-reader.ts'
import type { OperatorContext } from './operator.ts'
import { type FilterStep, type ProjectStep, StageOperator } from './stage.ts'

const Row = schema({ n: t.int32(), text: t.string().nullable(), x: t.float64().nullable() })
const rows = Array.from({ length: 40 }, (_, n) =>
  n % 6 === 2
    ? null
    : { n: n === 9 || n === 25 ? 2_000_000_000 : n, text: n % 4 === 0 ? null : `t${n}`, x: n / 4 },
)

const columns = columnsOf<RowOf<typeof Row>>(Row)
const reader = (expression: Expression): CellReader => evaluator(expression.toExpr(Row))

const where = (name: string, predicate: CellReader, onError = skip()): FilterStep => ({
  kind: 'filter',
  name,
  predicate,
  onError,
})

testOperator(
  { describe, test, expect },
  {
    create: onError =>
      new StageOperator([
        where('where#1', reader(columns.n.gte(3)), onError),
        {
          kind: 'project',
          name: 'withColumns#2',
          schema: new Schema([
            { name: 'n', type: t.int32() },
            { name: 'twice', type: t.int32() },
            { name: 'text', type: t.string().nullable() },
          ]),
          columns: ['n', reader(columns.n.mul(2)), 'text'],
          omit: null,
          onError,
        },
        where('where#3', batch => {
          const at = cellReaderOf(batch, 'twice')
          return index => (at(index) as number) % 3 !== 0
        }),
      ]),
    input: examBatch(Row, rows),
    tombstones: 'pass',
    failing: [9, 25],
    step: 'withColumns#2',
  },
)

function run(steps: readonly (FilterStep | ProjectStep)[], batch: Batch): object[] {
  const stage = new StageOperator(steps)
  const failed: unknown[] = []
  stage.open({ recordFailed: (error: unknown) => failed.push(error) } as never)
  const emitted: Batch[] = []
  stage.process(batch, {
    emit: each => emitted.push(each),
    late: () => {},
    update: () => {},
    settled: async () => {},
  })
  return emitted.flatMap(each => {
    const rowAt = rowsOf(each)
    return Array.from({ length: each.count }, (_, nth) => rowAt(each.at(nth)))
  })
}

describe('a filter', () => {
  test('keeps true alone: not null, not what counts as true', () => {
    const cells = [true, false, null, 1, 'yes', {}]
    const predicate: CellReader = () => index => cells[index] as never
    const batch = examBatch(
      Row,
      cells.map((_, n) => ({ n })),
    )
    expect(run([where('where#1', predicate)], batch)).toMatchObject([{ n: 0 }])
  })

  test('that keeps all passes the batch itself on', () => {
    const stage = new StageOperator([where('where#1', () => () => true)])
    stage.open({} as OperatorContext)
    const batch = examBatch(Row, rows)
    let emitted: Batch | null = null
    stage.process(batch, {
      emit: each => {
        emitted = each
      },
      late: () => {},
      update: () => {},
      settled: async () => {},
    })
    expect(emitted).toBe(batch)
  })

  test('that keeps none emits nothing, and later steps do not run', () => {
    let calls = 0
    const count: CellReader = () => () => {
      calls++
      return true
    }
    const batch = examBatch(Row, [{ n: 1 }])
    expect(run([where('where#1', () => () => false), where('where#2', count)], batch)).toEqual([])
    expect(calls).toBe(0)
  })

  test('does not take a promise for an answer', () => {
    const batch = examBatch(Row, [{ n: 1 }])
    const predicate: CellReader = () => () => Promise.resolve(true) as never
    expect(run([where('where#1', predicate)], batch)).toEqual([])
  })
})

describe('a projection', () => {
  test('is not evaluated for what is not selected, and its cells stay in their places', () => {
    const asked: number[] = []
    const spy: CellReader = batch => index => {
      asked.push(index)
      return cellReaderOf(batch, 'n')(index)
    }
    const batch = examBatch(
      Row,
      [0, 1, 2, 3, 4].map(n => ({ n })),
    ).with({
      selection: Int32Array.of(1, 4),
    })
    const step: ProjectStep = {
      kind: 'project',
      name: 'select#1',
      schema: schema({ n: t.int32(), copy: t.int32() }),
      columns: ['n', spy],
      omit: null,
      onError: skip(),
    }
    expect(run([step], batch)).toEqual([
      { n: 1, copy: 1 },
      { n: 4, copy: 4 },
    ])
    expect(asked).toEqual([1, 4])
  })

  test('a record that fails half way leaves nothing of itself behind', () => {
    const second: CellReader = batch => index => {
      if (index === 1) throw new Error('no')
      return cellReaderOf(batch, 'n')(index)
    }
    const step: ProjectStep = {
      kind: 'project',
      name: 'select#1',
      schema: schema({ first: t.int32(), second: t.int32() }),
      columns: [batch => cellReaderOf(batch, 'n'), second],
      omit: null,
      onError: skip(),
    }
    const batch = examBatch(Row, [{ n: 10 }, { n: 11 }, { n: 12 }])
    expect(run([step], batch)).toEqual([
      { first: 10, second: 10 },
      { first: 12, second: 12 },
    ])
  })

  test('of an open frame passes what is not declared, less what was dropped or renamed', () => {
    const awkward = JSON.parse('{"a":1,"__proto__":2,"then":3,"gone":4}')
    const batch = examBatch(OPEN_SCHEMA, [awkward, null, { a: 5 }])
    const step: ProjectStep = {
      kind: 'project',
      name: 'rename#1',
      schema: new Schema([{ name: 'b', type: t.json().nullable() }], true),
      columns: ['a'],
      omit: ['a', 'gone'],
      onError: skip(),
    }
    const [first, tombstone, last] = run([step], batch)
    expect(JSON.stringify(first)).toBe('{"__proto__":2,"then":3,"b":1}')
    expect([tombstone, last]).toEqual([{ b: null }, { b: 5 }])
  })
})
