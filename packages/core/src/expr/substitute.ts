import { assert } from '../util/assert.ts'
import { childrenOf } from './children.ts'
import type { Expr, WhenExpr } from './expr.ts'
import { printName } from './print.ts'

/** What stands for a column of this name; null keeps the column. */
export type Replacement = (name: string) => Expr | null

/**
 * The expression with its columns replaced: what a predicate over the result of a projection is
 * over its input. Types stay as they are, so a replacement has the type of its column. Null when a
 * function reads the whole row, which has no columns to replace.
 */
export function substitute(expr: Expr, replacement: Replacement): Expr | null {
  if (expr.kind === 'function') return null
  if (expr.kind === 'literal') return expr
  if (expr.kind === 'column') {
    const replaced = replacement(expr.name) ?? expr
    assert(replaced.type.sameKind(expr.type), `what replaces ${printName(expr.name)} has its type`)
    return replaced
  }
  const children: Expr[] = []
  for (const child of childrenOf(expr)) {
    const substituted = substitute(child, replacement)
    if (substituted === null) return null
    children.push(substituted)
  }
  if (expr.kind === 'call') return Object.freeze({ ...expr, args: Object.freeze(children) })
  if (expr.kind === 'cast') return Object.freeze({ ...expr, input: children[0] as Expr })
  return withChildren(expr, children)
}

/** `children` as `childrenOf` gives them: condition and value by turns, then `otherwise`. */
function withChildren(expr: WhenExpr, children: readonly Expr[]): WhenExpr {
  const branches = expr.branches.map((_, i) =>
    Object.freeze({ condition: children[i * 2] as Expr, value: children[i * 2 + 1] as Expr }),
  )
  const otherwise = children.at(-1) as Expr
  return Object.freeze({ ...expr, branches: Object.freeze(branches), otherwise })
}
