/**
 * `when(condition).then(x).when(…).then(y).otherwise(z)`: the value of the first branch whose
 * condition is true.
 *
 * A condition that is false or null goes on to the next. Only the chosen value is evaluated. All
 * values have one type; numbers are brought to one kind, `null` fits any.
 */
import { type Branch, whenExpr } from './build.ts'
import type { Expr } from './expr.ts'
import type { Expression } from './expression.ts'
import type { CellOf, ColumnOf, Operand } from './facets.ts'
import { asExpression, joined } from './fluent-expression.ts'
import { BOOLEAN, needed } from './typing.ts'

/** After a condition. */
export interface WhenCondition<T> {
  then<V extends Operand>(value: V): WhenValue<T | CellOf<V>>
}

/** After a value. */
export interface WhenValue<T> {
  when(condition: Expression<boolean | null>): WhenCondition<T>
  otherwise<V extends Operand>(value: V): ColumnOf<T | CellOf<V>>
}

export function when(condition: Expression<boolean | null>): WhenCondition<never> {
  return after<never>([], condition)
}

/** `parts`: condition and value by turns. */
function after<T>(
  parts: readonly Expression[],
  condition: Expression<boolean | null>,
): WhenCondition<T> {
  const checked = joined([condition], ([test]) =>
    needed('when', 'true or false', test as Expr, BOOLEAN),
  )
  return {
    // biome-ignore lint/suspicious/noThenProperty: its word; nobody awaits half an expression.
    then: <V extends Operand>(value: V) =>
      chosen<T | CellOf<V>>([...parts, checked, asExpression(value)]),
  }
}

function chosen<T>(parts: readonly Expression[]): WhenValue<T> {
  return {
    when: condition => after<T>(parts, condition),
    otherwise: <V extends Operand>(value: V) =>
      joined([...parts, value], toWhen) as unknown as ColumnOf<T | CellOf<V>>,
  }
}

function toWhen(args: readonly Expr[]): Expr {
  const branches: Branch[] = []
  for (let i = 0; i + 1 < args.length; i += 2) {
    branches.push({ condition: args[i] as Expr, value: args[i + 1] as Expr })
  }
  return whenExpr(branches, args.at(-1) as Expr)
}
