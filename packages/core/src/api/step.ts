/**
 * Parsers behind the frame's methods: from what a user wrote to what a plan node takes.
 *
 * TypeScript refuses most mistakes before; these checks are for JavaScript, and throw at the line
 * of the step with what would have been right.
 */
import { isAggregateCall, resolveAggregate } from '../aggregate/aggregate-call.ts'
import type { Row } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { columnsOf } from '../expr/columns.ts'
import { columnsOfNames } from '../expr/columns-read.ts'
import type { Expr, FunctionExpr } from '../expr/expr.ts'
import { Expression } from '../expr/expression.ts'
import { functionReads } from '../expr/function-reads.ts'
import { lit } from '../expr/lit.ts'
import type { Literal } from '../expr/literal.ts'
import { watchCallback } from '../expr/unused-conditions.ts'
import type { FrameNode } from '../plan/node.ts'
import type { ProjectedColumn } from '../plan/project.ts'
import type { NamedAggregate } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'

/** An expression, a value, or a callback over the columns that gives one. */
export function parseExpr(from: FrameNode, written: unknown, name: string): Expr {
  const value = writtenBy(from, written, name)
  return operand(value, name).toExpr(from.schema)
}

/** A condition over columns; a bare true or false is what `!`, `===` and the like make of them. */
export function parseCondition(from: FrameNode, written: unknown, name: string): Expr {
  const value = writtenBy(from, written, name)
  if (typeof value !== 'boolean') return operand(value, name).toExpr(from.schema)
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${name} needs a condition over columns; got ${value}. ${NO_OPERATORS}`,
  )
}

/** The columns of `{ name: expression }`, or of a callback that gives it. */
export function parseColumns(from: FrameNode, written: unknown, name: string): ProjectedColumn[] {
  const columns = writtenBy(from, written, name)
  if (!isObject(columns) || columns instanceof Expression) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} needs an object of columns, for example c => ({ total: c.amount.mul(2) }); ` +
        `got ${kindOf(columns)}.`,
    )
  }
  return Object.keys(columns).map(column => ({
    name: column,
    expr: operand(columns[column], `${name} column ${JSON.stringify(column)}`).toExpr(from.schema),
  }))
}

/** The aggregates of `{ name: sum(…) }`, or of a callback that gives it. */
export function parseAggregates(from: FrameNode, written: unknown): NamedAggregate[] {
  const calls = writtenBy(from, written, 'agg')
  if (!isObject(calls) || isAggregateCall(calls) || calls instanceof Expression) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'agg needs an object of aggregates, for example c => ({ n: count() }); ' +
        `got ${kindOf(calls)}.`,
    )
  }
  return Object.keys(calls).map(column => {
    const call = calls[column]
    if (isAggregateCall(call)) return { name: column, ...resolveAggregate(call, from.schema) }
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `agg column ${JSON.stringify(column)} needs an aggregate such as sum(c.amount) or ` +
        `count(); got ${kindOf(call)}.`,
    )
  })
}

/** The entries of an object such as `{ old: 'new' }`. */
export function parseEntries(written: unknown, name: string, example: string): [string, unknown][] {
  if (isObject(written) && !Array.isArray(written)) return Object.entries(written)
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${name} needs an object such as ${example}; got ${kindOf(written)}.`,
  )
}

/** The pairs of `{ old: 'new' }`, each new name a text. */
export function newNames(written: unknown): [string, string][] {
  return parseEntries(written, 'rename', "{ user_id: 'user' }").map(([old, name]) => {
    if (typeof name === 'string') return [old, name]
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `rename needs a new name for ${JSON.stringify(old)}; got ${kindOf(name)}.`,
    )
  })
}

/** A user's function over rows, as an expression of a condition. */
export function predicateExpr(apply: (row: Row) => unknown, schema: Schema): FunctionExpr {
  requireFunction(apply, 'filter', 'row => row.amount > 0')
  const reads = functionReads(apply).names
  return Object.freeze({
    kind: 'function',
    reads,
    columns: columnsOfNames(reads, schema),
    apply: (row: Row) => {
      const result = apply(row)
      return result instanceof Promise ? result : Boolean(result)
    },
    label: labelOf(apply),
    type: t.boolean(),
  })
}

export function requireFunction(value: unknown, name: string, example: string): void {
  requireThat(
    typeof value === 'function',
    `${name} needs a function, for example ${example}`,
    value,
  )
}

/** `rule`: what is needed, as the beginning of the error's text. @throws INVALID_ARGUMENT */
export function requireThat(isRight: boolean, rule: string, got: unknown): void {
  if (!isRight) throw new MillraceError('INVALID_ARGUMENT', `${rule}; got ${kindOf(got)}.`)
}

/** The policy of a step: its own, or that of the application. */
export function parsePolicy(written: ErrorPolicy | undefined, otherwise: ErrorPolicy): ErrorPolicy {
  if (written === undefined) return otherwise
  const isPolicy = ['fail', 'skip', 'dead-letter'].includes(written?.kind)
  requireThat(isPolicy, 'onError needs a policy: fail(), skip() or deadLetter(topic)', written)
  return written
}

/** The name of what a step keeps; null = it is named after the step. */
export function parseName(written: string | undefined, name: string): string | null {
  if (written === undefined) return null
  const isName = typeof written === 'string' && written !== ''
  requireThat(isName, `the name of ${name} needs to be text that is not empty`, written)
  return written
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

const NO_OPERATORS =
  "JavaScript's own && || ! === ? : do not work on columns: use .and(…), .or(…), .not(), " +
  '.eq(…), when(…).'

/** What was written, with a callback called; a condition that it made and left out is an error. */
function writtenBy(from: FrameNode, written: unknown, name: string): unknown {
  if (typeof written !== 'function') return written
  const { result, made } = watchCallback<unknown>(() => written(columnsOf(from.schema)))
  const used = new Set(rootsOf(result))
  for (const expression of made) {
    if (used.has(expression) || !isCondition(expression, from)) continue
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} makes the condition ${expression} and does not use it. ${NO_OPERATORS}`,
    )
  }
  return result
}

/** The expressions that a callback hands out: one, or the values of an object, or of aggregates. */
function rootsOf(result: unknown): unknown[] {
  if (!isObject(result) || result instanceof Expression) return [result]
  return Object.values(result).map(each => (isAggregateCall(each) ? each.input : each))
}

/** Not tied to the columns of this frame (made of `lit` alone) is nobody's mistake. */
function isCondition(expression: Expression, { schema }: FrameNode): boolean {
  return (
    Expression.schemaOf(expression) === schema && expression.toExpr(schema).type.kind === 'boolean'
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
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
