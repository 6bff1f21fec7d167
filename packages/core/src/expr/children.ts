import type { Expr } from './expr.ts'

/** The expressions an expression is made of, in the order of its text. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'call':
      return expr.args
    case 'cast':
      return [expr.input]
    case 'when':
      return [...expr.branches.flatMap(branch => [branch.condition, branch.value]), expr.otherwise]
    default:
      return []
  }
}

/** Whether a user's function is anywhere in it. */
export function callsFunction(expr: Expr): boolean {
  return expr.kind === 'function' || childrenOf(expr).some(callsFunction)
}
