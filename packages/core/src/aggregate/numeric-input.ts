/** The check of inputs that `sum` and `mean` share. */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { describeCell } from '../record/format/describe-cell.ts'
import type { DataType, TypeKind } from '../schema/data-type.ts'

const NUMERIC: ReadonlySet<TypeKind> = new Set(['int32', 'int64', 'float64', 'decimal', 'json'])

/** @throws TYPE_MISMATCH when the type is not one of numbers (`json` is checked value by value). */
export function requireNumeric(name: string, input: DataType | null): DataType {
  const kind = input?.kind
  if (kind !== undefined && NUMERIC.has(kind)) return input as DataType
  const hint = kind === 'string' ? ' Convert it first: .as(t.float64()).' : ''
  throw new MillraceError(
    'TYPE_MISMATCH',
    `${name} needs a column of type int32, int64, float64 or decimal; got ` +
      `${input ?? 'none'}.${hint}`,
  )
}

/** @throws TYPE_MISMATCH when the value of a `json` column is not a number. */
export function requireNumber(name: string, value: CellValue): void {
  if (typeof value === 'number') return
  throw new MillraceError(
    'TYPE_MISMATCH',
    `${name} of a json column needs numbers; got ${describeCell(value)}. ` +
      'Give the column a type: .as(t.float64()).',
  )
}
