/**
 * Whether an expression may give an error instead of a cell.
 *
 * A plan may leave out a column that nobody reads only if computing it could not fail: else the
 * record that fails would be skipped, or stop the run, with one plan and not with another.
 */
import { DECIMAL_DIGITS_MAX } from '../util/decimal.ts'
import type { CallExpr, CastExpr, Expr } from './expr.ts'

/** Functions that have a result for all arguments of their types. */
const FAULTLESS: ReadonlySet<string> = new Set([
  'div',
  'round',
  'floor',
  'ceil',
  'and',
  'or',
  'not',
  'isNull',
  'isNotNull',
  'coalesce',
  'upper',
  'lower',
  'trim',
  'concat',
  'startsWith',
  'endsWith',
  'contains',
  'truncate',
])
const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'isIn'])
/** They overflow, except as float64. */
const ARITHMETIC: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'mod', 'neg', 'abs'])

export function canFault(expr: Expr): boolean {
  switch (expr.kind) {
    case 'column':
    case 'literal':
      return false
    case 'call':
      return callFaults(expr) || expr.args.some(canFault)
    case 'when':
      return [expr.otherwise, ...expr.branches.flatMap(b => [b.condition, b.value])].some(canFault)
    case 'cast':
      return castFaults(expr) || canFault(expr.input)
    case 'function':
      return true
  }
}

function callFaults({ name, args, type }: CallExpr): boolean {
  if (ARITHMETIC.has(name)) return type.kind !== 'float64'
  if (name === 'round' && type.kind === 'decimal') return type.precision === DECIMAL_DIGITS_MAX
  // Of json they look at what there is.
  if (name === 'length' || name === 'get') return args[0]?.type.kind === 'json'
  if (COMPARISONS.has(name)) return args.some(arg => arg.type.kind === 'json')
  return !FAULTLESS.has(name)
}

/** Some conversions always succeed; of the others it depends on the cell. */
function castFaults({ input, type }: CastExpr): boolean {
  const from = input.type.kind
  if (from === 'decimal' && type.kind === 'float64') return false
  if (type.kind === 'string') return from === 'json' || from === 'bytes'
  return from !== 'int32' || (type.kind !== 'int64' && type.kind !== 'float64')
}
