import type { CellValue } from '../batch/column.ts'
import { evaluator } from '../expr/evaluate.ts'
import type { Expression } from '../expr/expression.ts'
import type { Schema } from '../schema/schema.ts'
import { batchOfRows } from './batch-of-rows.ts'

/** What an expression gives for each row; for tests. A record that fails throws its error. */
export function cellsOf(
  expression: Expression,
  schema: Schema,
  rows: readonly Readonly<Record<string, CellValue>>[],
): CellValue[] {
  const read = evaluator(expression.toExpr(schema))(batchOfRows(schema, rows))
  return rows.map((_, index) => read(index))
}
