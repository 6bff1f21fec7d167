import type { CellValue } from '../../batch/column.ts'
import type { CallExpr, Expr } from '../expr.ts'
import type { Typed } from '../typing.ts'

/**
 * A function of cells; its parameters are what the typing rule promised, so it needs no checks of
 * its own.
 */
export type Scalar = (...cells: never[]) => CellValue

/**
 * One function of the expression language: its types and its meaning.
 *
 * `evaluate` is chosen once per call and is pure; it throws TYPE_MISMATCH or OVERFLOW when a record
 * has no result.
 */
export interface FunctionEntry {
  readonly name: string
  /**
   * The arguments as they are evaluated (literals adapted, conversions put in) and the type of the
   * result.
   * @throws TYPE_MISMATCH
   */
  typed(args: readonly Expr[]): Typed
  /** True: a null argument gives null, and the scalar never sees one. */
  readonly nullsPropagate: boolean
  /**
   * Arguments are evaluated from the left, and the first for which this is true is the result: what
   * stands to the right of it is not evaluated and cannot fail.
   */
  readonly stopsAt?: (cell: CellValue) => boolean
  /**
   * How many leading arguments the scalar gets; the others are literals it took from the call.
   * Default: all.
   */
  readonly arity?: number
  evaluate(call: CallExpr): Scalar
}
