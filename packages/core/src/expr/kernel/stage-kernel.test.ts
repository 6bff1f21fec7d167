import { describe, expect, test } from 'vitest'
import type { CellValue } from '../../batch/column.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { batchOfRows } from '../../testing/batch-of-rows.ts'
import type { Expr } from '../expr.ts'
import { stageKernel } from './stage-kernel.ts'

describe('a kernel', () => {
  const S = schema({ n: t.int32(), tag: t.json() })
  const n: Expr = { kind: 'column', name: 'n', type: t.int32() }
  const isBig = (limit: CellValue): Expr => ({
    kind: 'call',
    name: 'gt',
    args: [n, { kind: 'literal', value: limit, type: t.int32() }],
    type: t.boolean(),
  })

  test('passes the batch itself on where all records stay', () => {
    const batch = batchOfRows(S, [{ n: 1 }, { n: 2 }])
    expect(stageKernel([{ kind: 'filter', predicate: isBig(0) }])?.run(batch, null)).toBe(batch)
  })

  test('does nothing on a batch with another kind of column', () => {
    const other = batchOfRows(schema({ n: t.float64() }), [{ n: 1 }])
    const without = batchOfRows(schema({ m: t.int32() }), [{ m: 1 }])
    const kernel = stageKernel([{ kind: 'filter', predicate: isBig(0) }])
    expect(kernel?.run(other, null)).toBe(null)
    expect(kernel?.run(without, null)).toBe(null)
  })

  test('has no form for functions, which must be called once a record', () => {
    const apply = (): boolean => true
    const predicate: Expr = { kind: 'function', apply, label: 'f', type: t.boolean() }
    expect(stageKernel([{ kind: 'filter', predicate }])).toBe(null)
  })

  test('has code for each kind of batch, within a bound', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const Wide = schema(
      Object.fromEntries(names.map(name => [name, t.int32().nullable()])) as never,
    )
    const predicate: Expr = {
      kind: 'call',
      name: 'or',
      args: names.map((name): Expr => {
        const column: Expr = { kind: 'column', name, type: t.int32().nullable() }
        const five: Expr = { kind: 'literal', value: 5, type: t.int32() }
        return { kind: 'call', name: 'eq', args: [column, five], type: t.boolean().nullable() }
      }),
      type: t.boolean().nullable(),
    }
    const kernel = stageKernel([{ kind: 'filter', predicate }])
    for (let mask = 0; mask < 32; mask++) {
      const cells = names.map((name, i) => [name, (mask >> i) & 1 ? null : 5])
      const batch = batchOfRows(Wide, [
        Object.fromEntries(cells),
        Object.fromEntries(names.map(name => [name, 4])),
        Object.fromEntries(names.map((name, i) => [name, i === 3 ? 5 : 1])),
      ])
      const made = kernel?.run(batch, null)
      const kept = Array.from({ length: made?.count ?? 0 }, (_, nth) => made?.at(nth))
      expect(kept).toEqual(mask === 31 ? [2] : [0, 2])
    }
  })
})
