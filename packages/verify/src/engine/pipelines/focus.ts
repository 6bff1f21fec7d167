/** The function of columns that a seed has among its steps, so that a run of seeds has them all. */
import type { Random } from '../../random.ts'
import { type Column, KINDS, type Kind, randomColumn } from './cell.ts'
import { type Expr, randomExpr } from './expression.ts'
import { FUNCTIONS } from './required.ts'

const FOCI = Object.entries(FUNCTIONS).flatMap(([name, kinds]) =>
  kinds.map(kind => [name, kind] as const),
)
/** Among thousands of seeds none took a tenth of it. */
const TRIES_MAX = 500_000

/** The function whose turn it is. @param columns of which the first becomes its operand. */
export function focusOf(seed: number, random: Random, columns: Column[]): Expr {
  const [name, kind] = FOCI[seed % FOCI.length] as readonly [string, Kind]
  return applied(random, columns, name, kind)
}

/**
 * The function applied to a nullable column of the kind, put in place of the first one.
 * @throws Error where no maker of expressions makes such a call.
 */
export function applied(random: Random, columns: Column[], name: string, kind: Kind): Expr {
  const column: Column = { ...(columns[0] as Column), kind, isNullable: true }
  columns[0] = column
  const isOfColumn = (arg: Expr): boolean => arg.op === 'column' && arg.name === column.name
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const expr = randomExpr(random, columns, random.pick(KINDS), 1)
    if (expr?.op === 'call' && expr.name === name && expr.args.some(isOfColumn)) return expr
    // The others may lack a type that the function needs besides.
    if (random.chance(0.9)) continue
    const other = random.int(1, columns.length - 1)
    columns[other] = randomColumn(random, (columns[other] as Column).name)
  }
  throw new Error(
    `after ${TRIES_MAX} tries there is no expression of ${name} on a column of ${kind}: ` +
      'required.ts lists it, so expression.ts needs a maker of it',
  )
}
