/**
 * Makes typed, frozen nodes of typed, frozen nodes; throws TYPE_MISMATCH instead of making one
 * that is not valid.
 */

import type { Schema } from '../schema/schema.ts'
import type { CallExpr, ColumnExpr, Expr, WhenExpr } from './expr.ts'
import { functionEntry } from './functions/index.ts'
import { BOOLEAN, needed, unify } from './typing.ts'

/** @throws UNKNOWN_COLUMN with the columns there are. */
export function columnExpr(schema: Schema, name: string): ColumnExpr {
  return Object.freeze({ kind: 'column', name, type: schema.typeOf(name) })
}

export function callExpr(name: string, args: readonly Expr[]): CallExpr {
  const typed = functionEntry(name).typed(args)
  return Object.freeze({
    kind: 'call',
    name,
    args: Object.freeze([...typed.args]),
    type: typed.type,
  })
}

export interface Branch {
  readonly condition: Expr
  readonly value: Expr
}

export function whenExpr(branches: readonly Branch[], otherwise: Expr): WhenExpr {
  const shared = unify('when', [...branches.map(branch => branch.value), otherwise])
  const values = shared.args
  return Object.freeze({
    kind: 'when',
    branches: Object.freeze(
      branches.map((branch, i) =>
        Object.freeze({
          condition: needed('when', 'true or false', branch.condition, BOOLEAN),
          value: values[i] as Expr,
        }),
      ),
    ),
    otherwise: values.at(-1) as Expr,
    type: shared.type,
  })
}
