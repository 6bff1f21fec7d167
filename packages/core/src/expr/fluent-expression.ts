/**
 * The methods of expressions, for all types at once; `facets.ts` shows each type only its own.
 *
 * A call joins what it is given into a new expression. When one of them is tied to a schema the new
 * one is too, and is checked at once: the error is thrown at the user's line. Some methods are made
 * of others: `between` is two comparisons, `fillNull` is `coalesce`.
 */
import { MillraceError } from '../errors.ts'
import { DataType } from '../schema/data-type.ts'
import { describeValue } from '../schema/refusal.ts'
import type { Schema } from '../schema/schema.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { callExpr, columnExpr } from './build.ts'
import { castExpr } from './cast.ts'
import type { Expr } from './expr.ts'
import { Expression } from './expression.ts'
import type { AnyExpression, Operand } from './facets.ts'
import { type Literal, literalExpr } from './literal.ts'
import { noteMade } from './unused-conditions.ts'

/** Every method that a facet shows is here. */
type Methods = {
  readonly [K in Exclude<keyof AnyExpression, keyof Expression>]: (
    ...args: never[]
  ) => FluentExpression
}

/** One class for expressions of every type. */
export class FluentExpression extends Expression implements Methods {
  add(other: Operand): FluentExpression {
    return call('add', this, other)
  }

  sub(other: Operand): FluentExpression {
    return call('sub', this, other)
  }

  mul(other: Operand): FluentExpression {
    return call('mul', this, other)
  }

  div(other: Operand): FluentExpression {
    return call('div', this, other)
  }

  mod(other: Operand): FluentExpression {
    return call('mod', this, other)
  }

  neg(): FluentExpression {
    return call('neg', this)
  }

  abs(): FluentExpression {
    return call('abs', this)
  }

  round(digits = 0): FluentExpression {
    if (!Number.isInteger(digits) || digits < 0 || digits > 15) {
      throw invalid(`round takes 0 to 15 digits; got ${describeValue(digits)}`)
    }
    return digits === 0 ? call('round', this) : call('round', this, digits)
  }

  floor(): FluentExpression {
    return call('floor', this)
  }

  ceil(): FluentExpression {
    return call('ceil', this)
  }

  eq(other: Operand): FluentExpression {
    return call('eq', this, other)
  }

  ne(other: Operand): FluentExpression {
    return call('ne', this, other)
  }

  gt(other: Operand): FluentExpression {
    return call('gt', this, other)
  }

  gte(other: Operand): FluentExpression {
    return call('gte', this, other)
  }

  lt(other: Operand): FluentExpression {
    return call('lt', this, other)
  }

  lte(other: Operand): FluentExpression {
    return call('lte', this, other)
  }

  between(low: Operand, high: Operand): FluentExpression {
    return this.gte(low).and(this.lte(high))
  }

  isIn(values: Iterable<Literal>): FluentExpression {
    return call('isIn', this, ...literalsOf(values))
  }

  and(other: Operand): FluentExpression {
    return call('and', this, other)
  }

  or(other: Operand): FluentExpression {
    return call('or', this, other)
  }

  not(): FluentExpression {
    return call('not', this)
  }

  isNull(): FluentExpression {
    return call('isNull', this)
  }

  isNotNull(): FluentExpression {
    return call('isNotNull', this)
  }

  fillNull(value: Operand): FluentExpression {
    return call('coalesce', this, value)
  }

  upper(): FluentExpression {
    return call('upper', this)
  }

  lower(): FluentExpression {
    return call('lower', this)
  }

  trim(): FluentExpression {
    return call('trim', this)
  }

  length(): FluentExpression {
    return call('length', this)
  }

  concat(...parts: readonly Operand[]): FluentExpression {
    return call('concat', this, ...parts)
  }

  startsWith(other: Operand): FluentExpression {
    return call('startsWith', this, other)
  }

  endsWith(other: Operand): FluentExpression {
    return call('endsWith', this, other)
  }

  contains(other: Operand): FluentExpression {
    return call('contains', this, other)
  }

  truncate(step: Duration): FluentExpression {
    const stepMs = durationMs(step, 'truncate step')
    if (stepMs === 0) throw invalid('truncate needs a step longer than 0')
    return call('truncate', this, stepMs)
  }

  get(key: string | number): FluentExpression {
    if (typeof key !== 'string' && !(Number.isSafeInteger(key) && key >= 0)) {
      throw invalid(`get takes a property name or an index from 0; got ${describeValue(key)}`)
    }
    return call('get', this, key)
  }

  as(type: DataType): FluentExpression {
    if (!(type instanceof DataType)) {
      throw invalid(`as takes a type such as t.float64(); got ${describeValue(type)}`)
    }
    return joined([this], ([input]) => castExpr(input as Expr, type))
  }
}

/** A column by name; `schema` null = looked up where the expression is used. */
export function columnExpression(schema: Schema | null, name: string): FluentExpression {
  return new FluentExpression(where => columnExpr(where, name), schema)
}

/** A value or an expression as an expression. @throws INVALID_ARGUMENT for what is neither. */
export function asExpression(operand: unknown): Expression {
  if (operand instanceof Expression) return operand
  const literal = literalExpr(operand)
  return new FluentExpression(() => literal, null)
}

/** A call of a function of the table. */
export function call(name: string, ...operands: readonly unknown[]): FluentExpression {
  return joined(operands, args => callExpr(name, args))
}

/** An expression made of operands, tied to the schema of the first that is tied to one. */
export function joined(
  operands: readonly unknown[],
  make: (args: readonly Expr[]) => Expr,
): FluentExpression {
  const expressions = operands.map(asExpression)
  const tied = expressions.find(expression => Expression.schemaOf(expression) !== null)
  const expression = new FluentExpression(
    schema => make(expressions.map(operand => operand.toExpr(schema))),
    tied === undefined ? null : Expression.schemaOf(tied),
  )
  noteMade(expression, expressions)
  return expression
}

function literalsOf(values: unknown): readonly unknown[] {
  const isList = typeof values === 'object' && values !== null && Symbol.iterator in values
  if (!isList) throw invalid(`isIn takes an array or a Set of values; got ${describeValue(values)}`)
  const list = [...(values as Iterable<unknown>)]
  if (list.includes(null)) throw invalid('isIn never finds null; use .isNull() for it')
  if (list.some(value => value instanceof Expression)) {
    throw invalid('isIn takes values, not columns; use .eq(column).or(…)')
  }
  return list
}

function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `${text}.`)
}
