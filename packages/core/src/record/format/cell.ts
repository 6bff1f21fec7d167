/**
 * What the formats know of column types. A `DataType` is a `CellType`: formats stand before schema
 * and batch in the import order and need no more than this of them.
 */

export type { CellValue as Cell } from '../cell-value.ts'

/** The part of a column's type that decides its bytes. */
export interface CellType {
  readonly kind:
    | 'string'
    | 'boolean'
    | 'int32'
    | 'int64'
    | 'float64'
    | 'decimal'
    | 'timestamp'
    | 'bytes'
    | 'list'
    | 'struct'
    | 'json'
  readonly isNullable: boolean
  /** int64: whether a cell is a bigint or an exact number. */
  readonly as: 'bigint' | 'number'
  /** decimal: how many digits there may be, and how many of them are behind the point. */
  readonly precision: number
  readonly scale: number
  /** list: of each element. */
  readonly item?: CellType | undefined
  /** struct: its parts, in their order. */
  readonly fields?: readonly CellField[]
}

/** A named column, as rows on the wire hold it. */
export interface CellField {
  readonly name: string
  readonly type: CellType
}

/** The type as errors name it: `int64`, `string?`, `decimal(9, 2)`. */
export function typeName({ kind, precision, scale, isNullable }: CellType): string {
  const digits = kind === 'decimal' ? `(${precision}, ${scale})` : ''
  return `${kind}${digits}${isNullable ? '?' : ''}`
}
