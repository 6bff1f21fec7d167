/**
 * Expressions as data: frozen nodes, each with its type, made by `Columns<Row>` callbacks, `col()`
 * and `lit()`.
 *
 * A node that exists is valid: types were checked when it was made. Evaluation is elsewhere
 * (`evaluate.ts`); nothing here runs. Null is a value like in SQL: comparison and arithmetic with
 * null give null, `and`/`or` are three-valued.
 */
import type { CellValue } from '../batch/column.ts'
import type { Row } from '../batch/row.ts'
import type { DataType } from '../schema/data-type.ts'

export interface ColumnExpr {
  readonly kind: 'column'
  readonly name: string
  readonly type: DataType
}

export interface LiteralExpr {
  readonly kind: 'literal'
  readonly value: CellValue
  readonly type: DataType
}

/** A function of the table in `functions/`, by name. */
export interface CallExpr {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expr[]
  readonly type: DataType
}

/** The first branch whose condition is true; else `otherwise`. */
export interface WhenExpr {
  readonly kind: 'when'
  readonly branches: readonly { readonly condition: Expr; readonly value: Expr }[]
  readonly otherwise: Expr
  readonly type: DataType
}

/**
 * Conversion to another type; a cell that cannot be converted exactly is an error of its record.
 */
export interface CastExpr {
  readonly kind: 'cast'
  readonly input: Expr
  readonly type: DataType
}

/**
 * A user's function over the whole row. Its result has `type` unchecked unless the step checks it.
 */
export interface FunctionExpr {
  readonly kind: 'function'
  readonly apply: (row: Row) => unknown
  /** The only names that it reads of its row; missing = it has a row of its own. */
  readonly reads?: readonly string[] | null
  /** What it reads of the columns it was declared over; missing = all. */
  readonly columns?: readonly string[] | 'all'
  /** For plans and errors: the function's name or a short form of its source. */
  readonly label: string
  readonly type: DataType
}

export type Expr = ColumnExpr | LiteralExpr | CallExpr | WhenExpr | CastExpr | FunctionExpr
