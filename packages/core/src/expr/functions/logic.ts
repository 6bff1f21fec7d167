/**
 * and or not, three-valued as in SQL: null means unknown.
 *
 *   and     true   false  null        or      true   false  null        not
 *   true    true   false  null        true    true   true   true        true   false
 *   false   false  false  false       false   true   false  null        false  true
 *   null    null   false  null        null    true   null   null        null   null
 *
 * `false and x` is false and `true or x` is true without x being evaluated, so the left side can
 * guard the right.
 */
import type { CellValue } from '../../batch/column.ts'
import { nullableIf } from '../cast.ts'
import type { Expr } from '../expr.ts'
import { anyNullable, BOOLEAN, needed, type Typed } from '../typing.ts'
import type { FunctionEntry } from './function-entry.ts'

export const LOGIC: readonly FunctionEntry[] = [
  connective('and', false),
  connective('or', true),
  {
    name: 'not',
    typed: args => typedBooleans('not', args),
    nullsPropagate: true,
    evaluate: () => (cell: boolean) => !cell,
  },
]

/** `decisive` is the value that settles the result wherever it stands. */
function connective(name: string, decisive: boolean): FunctionEntry {
  return {
    name,
    typed: args => typedBooleans(name, args),
    nullsPropagate: false,
    stopsAt: cell => cell === decisive,
    evaluate:
      () =>
      (...cells: readonly CellValue[]) =>
        cells.includes(null) ? null : !decisive,
  }
}

function typedBooleans(name: string, args: readonly Expr[]): Typed {
  const booleans = args.map(arg => needed(name, 'true or false', arg, BOOLEAN))
  return { args: booleans, type: nullableIf(BOOLEAN, anyNullable(booleans)) }
}
