import { childrenOf } from './children.ts'
import type { Expr } from './expr.ts'

/**
 * The columns an expression reads, each once, in order of appearance; `'all'` when a function
 * gets the whole row.
 */
export function columnsRead(expr: Expr): readonly string[] | 'all' {
  const names = new Set<string>()
  return collect(expr, names) ? [...names] : 'all'
}

/** False when the whole row is read. */
function collect(expr: Expr, names: Set<string>): boolean {
  if (expr.kind === 'function') return false
  if (expr.kind === 'column') names.add(expr.name)
  return childrenOf(expr).every(child => collect(child, names))
}
