/**
 * Generated expressions over all records of a small table, against an evaluator of a few lines that
 * shares nothing with the interpreter: no schema, no columns, null handled by SQL's rule written
 * once.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { cellsOf } from '../testing/cells-of.ts'
import { coalesce, nullIf } from './coalesce.ts'
import { columnsOf } from './columns.ts'
import type { AnyExpression } from './facets.ts'
import { lit } from './lit.ts'
import { when } from './when.ts'

type Cell = number | string | boolean | null
interface Row {
  readonly x: number | null
  readonly y: number | null
  readonly s: string | null
  readonly p: boolean | null
  readonly q: boolean | null
  readonly [name: string]: Cell
}
/** An expression and what it means. */
interface Pair {
  readonly expression: AnyExpression
  readonly meaning: (row: Row) => Cell
}

const S = schema({
  x: t.float64().nullable(),
  y: t.float64().nullable(),
  s: t.string().nullable(),
  p: t.boolean().nullable(),
  q: t.boolean().nullable(),
})
const c = columnsOf(S) as unknown as Record<string, AnyExpression>

const column = (name: 'x' | 'y' | 's' | 'p' | 'q'): Pair => ({
  expression: c[name] as AnyExpression,
  meaning: row => row[name],
})
const literal = (value: number | string | boolean): Pair => ({
  expression: lit(value) as unknown as AnyExpression,
  meaning: () => value,
})

/** SQL: null when any operand is null. */
function strict(
  name: keyof AnyExpression,
  apply: (...cells: never[]) => Cell,
  ...parts: Pair[]
): Pair {
  const [first, ...rest] = parts as [Pair, ...Pair[]]
  const method = first.expression[name] as (...args: unknown[]) => AnyExpression
  return {
    expression: method.apply(
      first.expression,
      rest.map(part => part.expression),
    ),
    meaning: row => {
      const cells = parts.map(part => part.meaning(row))
      return cells.includes(null) ? null : apply(...(cells as never[]))
    },
  }
}

function connective(name: 'and' | 'or', left: Pair, right: Pair): Pair {
  const decisive = name === 'or'
  return {
    expression: left.expression[name](right.expression) as unknown as AnyExpression,
    meaning: row => {
      const cells = [left.meaning(row), right.meaning(row)]
      if (cells.includes(decisive)) return decisive
      return cells.includes(null) ? null : !decisive
    },
  }
}

const any = (expression: unknown) => expression as AnyExpression
const ifNull = (left: Pair, right: Pair): Pair => ({
  expression: any(coalesce(left.expression, right.expression)),
  meaning: row => left.meaning(row) ?? right.meaning(row),
})
const unlessEqual = (left: Pair, right: Pair): Pair => ({
  expression: any(nullIf(left.expression, right.expression)),
  meaning: row => {
    const cell = left.meaning(row)
    return cell === right.meaning(row) ? null : cell
  },
})
const choice = (condition: Pair, left: Pair, right: Pair): Pair => ({
  expression: any(when(condition.expression).then(left.expression).otherwise(right.expression)),
  meaning: row => (condition.meaning(row) === true ? left : right).meaning(row),
})
const isNull = (part: Pair): Pair => ({
  expression: any(part.expression.isNull()),
  meaning: row => part.meaning(row) === null,
})

const COMPARE = {
  eq: (a: Cell, b: Cell) => a === b,
  ne: (a: Cell, b: Cell) => a !== b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
}
const ARITHMETIC = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
}
const keysOf = <T extends object>(table: T) =>
  fc.constantFrom(...(Object.keys(table) as (keyof T)[]))

const { truth } = fc.letrec<{ number: Pair; text: Pair; truth: Pair }>(tie => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(column('x'), column('y'), literal(0), literal(1), literal(-2)),
    fc
      .tuple(keysOf(ARITHMETIC), tie('number'), tie('number'))
      .map(([op, l, r]) => strict(op, ARITHMETIC[op], l, r)),
    fc.tuple(tie('number'), tie('number')).map(([l, r]) => ifNull(l, r)),
    fc.tuple(tie('number'), tie('number')).map(([l, r]) => unlessEqual(l, r)),
    fc.tuple(tie('truth'), tie('number'), tie('number')).map(([p, l, r]) => choice(p, l, r)),
    tie('text').map(s => strict('length', (a: string) => a.length, s)),
  ),
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(column('s'), literal('a'), literal('')),
    fc
      .tuple(tie('text'), tie('text'))
      .map(([l, r]) => strict('concat', (a: string, b: string) => a + b, l, r)),
    fc.tuple(tie('truth'), tie('text'), tie('text')).map(([p, l, r]) => choice(p, l, r)),
    tie('text').map(s => strict('upper', (a: string) => a.toUpperCase(), s)),
  ),
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(column('p'), column('q'), literal(true)),
    fc
      .tuple(keysOf(COMPARE), tie('number'), tie('number'))
      .map(([op, l, r]) => strict(op, COMPARE[op], l, r)),
    fc.tuple(tie('text'), tie('text')).map(([l, r]) => strict('eq', COMPARE.eq, l, r)),
    fc
      .tuple(fc.constantFrom('and', 'or'), tie('truth'), tie('truth'))
      .map(([op, l, r]) => connective(op, l, r)),
    tie('truth').map(p => strict('not', (a: boolean) => !a, p)),
    fc.oneof(tie('truth'), tie('number'), tie('text')).map(isNull),
  ),
}))

const NUMBERS = [null, 0, 1, -2]
const TRUTHS = [null, true, false]
const ROWS: readonly Row[] = NUMBERS.flatMap(x =>
  NUMBERS.flatMap(y =>
    [null, '', 'a'].flatMap(s => TRUTHS.flatMap(p => TRUTHS.map(q => ({ x, y, s, p, q })))),
  ),
)

test('the interpreter gives what SQL means, for every record', () => {
  fc.assert(
    fc.property(truth, ({ expression, meaning }) => {
      expect(cellsOf(expression, S, ROWS)).toEqual(ROWS.map(meaning))
    }),
    { numRuns: 150 },
  )
})
