import type { Schema } from '../schema/schema.ts'
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
  if (expr.kind === 'function') {
    const { columns = 'all' } = expr
    if (columns === 'all') return false
    for (const name of columns) names.add(name)
  }
  if (expr.kind === 'column') names.add(expr.name)
  return childrenOf(expr).every(child => collect(child, names))
}

/**
 * The columns behind names that a function reads. A name that an open schema does not declare may
 * be missing in a record, which a function can tell from null: it needs the record's whole value.
 */
export function columnsOfNames(
  names: readonly string[] | null,
  schema: Schema,
): readonly string[] | 'all' {
  if (names === null) return 'all'
  const declared = names.filter(name => schema.has(name))
  return schema.isOpen && declared.length < names.length ? 'all' : declared
}
