/** Parsers behind the frame's methods: from what a user wrote to what a plan node takes. */
import type { Row } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { columnsOf } from '../expr/columns.ts'
import type { Expr, FunctionExpr } from '../expr/expr.ts'
import { Expression } from '../expr/expression.ts'
import { lit } from '../expr/lit.ts'
import type { Literal } from '../expr/literal.ts'
import type { FrameNode } from '../plan/node.ts'
import type { ProjectedColumn } from '../plan/project.ts'
import { t } from '../schema/data-type.ts'

/** An expression, a value, or a callback over the columns that gives one. */
export function parseExpr(from: FrameNode, written: unknown, name: string): Expr {
  const value = typeof written === 'function' ? written(columnsOf(from.schema)) : written
  return operand(value, name).toExpr(from.schema)
}

/** The columns of `{ name: expression }`, or of a callback that gives it. */
export function parseColumns(from: FrameNode, written: unknown, name: string): ProjectedColumn[] {
  const columns = typeof written === 'function' ? written(columnsOf(from.schema)) : written
  if (typeof columns !== 'object' || columns === null || columns instanceof Expression) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} needs an object of columns, for example c => ({ total: c.amount.mul(2) }); ` +
        `got ${kindOf(columns)}.`,
    )
  }
  return Object.keys(columns).map(column => ({
    name: column,
    expr: operand(
      (columns as Record<string, unknown>)[column],
      `${name} column ${JSON.stringify(column)}`,
    ).toExpr(from.schema),
  }))
}

/** A user's function over rows, as an expression of a condition. */
export function predicateExpr(apply: (row: Row) => unknown): FunctionExpr {
  requireFunction(apply, 'filter', 'row => row.amount > 0')
  return Object.freeze({
    kind: 'function',
    apply: (row: Row) => {
      const result = apply(row)
      return result instanceof Promise ? result : Boolean(result)
    },
    label: labelOf(apply),
    type: t.boolean(),
  })
}

export function requireFunction(value: unknown, name: string, example: string): void {
  if (typeof value === 'function') return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${name} needs a function, for example ${example}; got ${kindOf(value)}.`,
  )
}

/** Names given one by one or as one array. */
export function columnNames(names: readonly unknown[], name: string): string[] {
  const flat = names.flat()
  for (const each of flat) {
    if (typeof each === 'string') continue
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} needs column names; got ${kindOf(each)}. Compute columns before, with withColumns.`,
    )
  }
  return flat as string[]
}

function operand(value: unknown, name: string): Expression {
  if (value instanceof Expression) return value
  if (isLiteral(value)) return lit(value)
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${name} needs an expression such as c.amount.gt(50), or a value; got ${kindOf(value)}.`,
  )
}

function isLiteral(value: unknown): value is Literal {
  if (value === null || value instanceof Date || value instanceof Uint8Array) return true
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

function labelOf(apply: { readonly name: string }): string {
  return apply.name === '' ? 'function' : `function ${apply.name}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
