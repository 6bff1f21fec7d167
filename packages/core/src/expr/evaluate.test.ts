import { describe, expect, test } from 'vitest'
import { Batch } from '../batch/batch.ts'
import type { CellValue } from '../batch/column.ts'
import type { Row } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { t } from '../schema/data-type.ts'
import { OPEN_SCHEMA, schema } from '../schema/schema.ts'
import { batchOfRows } from '../testing/batch-of-rows.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { col } from './col.ts'
import { columnsOf } from './columns.ts'
import { evaluator, predicate } from './evaluate.ts'
import type { FunctionExpr } from './expr.ts'

const S = schema({ n: t.int32(), s: t.string().nullable() })
const c = columnsOf(S)

test('cells are read by physical index, whatever is selected', () => {
  const whole = batchOfRows(S, [{ n: 10 }, { n: 20 }, { n: 30 }])
  const some = new Batch({ ...whole, selection: Int32Array.of(2) })
  expect(evaluator(c.n.add(1).toExpr(S))(some)(2)).toBe(31)
})

test('one expression serves many batches', () => {
  const bind = evaluator(c.s.upper().toExpr(S))
  const cells = ['a', 'b'].map(s => bind(batchOfRows(S, [{ n: 1, s }]))(0))
  expect(cells).toEqual(['A', 'B'])
})

test('where keeps a record only when the result is true', () => {
  const keep = predicate(c.s.eq('x').toExpr(S))
  const batch = batchOfRows(S, [{ n: 1, s: 'x' }, { n: 2, s: 'y' }, { n: 3 }])
  expect([0, 1, 2].map(keep(batch))).toEqual([true, false, false])
})

test('a column need not stand where it stood in the schema of the expression', () => {
  const narrowed = schema({ s: t.string().nullable(), n: t.int32() })
  expect(evaluator(c.n.toExpr(S))(batchOfRows(narrowed, [{ n: 7, s: null }]))(0)).toBe(7)
})

test('undeclared columns of an open batch are found in the record', () => {
  const rows = [{ a: 1 }, { a: null }, {}, { a: 'text' }]
  expect(cellsOf(col('a'), OPEN_SCHEMA, rows)).toEqual([1, null, null, 'text'])
  expect(cellsOf(col('constructor').isNull(), OPEN_SCHEMA, rows.slice(0, 1))).toEqual([true])
  expect(cellsOf(col('a').add(1), OPEN_SCHEMA, rows.slice(0, 3))).toEqual([2, null, null])
  expect(() => cellsOf(col('a').add(1), OPEN_SCHEMA, rows)).toThrow(
    'TYPE_MISMATCH: a as float64: expected a number, got "text".',
  )
})

test('a fault on the right is not hidden by a null on the left', () => {
  const failing = c.n.mod(0)
  const missing = c.s.length()
  expect(() => cellsOf(missing.add(failing), S, [{ n: 1 }])).toThrow('OVERFLOW')
})

describe('functions of the row', () => {
  const applied = (
    apply: FunctionExpr['apply'],
    rows: readonly (Record<string, CellValue> | null)[],
  ) => {
    const expr: FunctionExpr = { kind: 'function', apply, label: 'f', type: t.json().nullable() }
    const read = evaluator(expr)(batchOfRows(S, rows))
    return rows.map((_, index) => read(index))
  }

  test('get a plain object of their own', () => {
    const seen: Row[] = []
    const cells = applied(
      row => {
        seen.push(row)
        row['n'] = 99
        return row['s']
      },
      [{ n: 1, s: 'a' }, { n: 2 }],
    )
    expect(cells).toEqual(['a', null])
    expect(seen).toEqual([
      { n: 99, s: 'a' },
      { n: 99, s: null },
    ])
  })

  test('never see a tombstone; undefined counts as null', () => {
    let calls = 0
    const cells = applied(() => {
      calls++
      return undefined
    }, [null, { n: 1 }])
    expect([cells, calls]).toEqual([[null, null], 1])
  })

  test('what they throw comes out as it is, for the operator to place', () => {
    const error = new TypeError('no')
    const thrower = () => {
      throw error
    }
    expect(() => applied(thrower, [{ n: 1 }])).toThrow(error)
  })
})

test('errors of records have no place yet: the operator knows the step', () => {
  try {
    cellsOf(c.n.mod(0), S, [{ n: 1 }])
    expect.unreachable()
  } catch (error) {
    expect(MillraceError.is(error) && error.place).toEqual({})
  }
})
