import { MillraceError } from '../errors.ts'
import type { Expr } from './expr.ts'
import { isNullLiteral } from './literal.ts'
import { printExpr } from './print.ts'

/** `mul needs a number; user_id is string. …` */
export function mismatch(name: string, needs: string, arg: Expr, hint?: string): MillraceError {
  const advice = hint === undefined ? '' : ` ${hint}`
  return new MillraceError('TYPE_MISMATCH', `${name} needs ${needs}; ${shown(arg)}.${advice}`)
}

/** `amount is float64?` */
export function shown(arg: Expr): string {
  return `${printExpr(arg)} is ${isNullLiteral(arg) ? 'null' : arg.type}`
}
