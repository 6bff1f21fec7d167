/**
 * What the formats know of cells and column types. A `DataType` is a `CellType`, a `CellValue` is a
 * `Cell`: formats stand before schema and batch in the import order and need no more than this of
 * them.
 */

/** What a cell can hold; `json` cells may hold any JSON value, and bigints in it. */
export type Cell = string | number | bigint | boolean | Uint8Array | object | null

/** The part of a column's type that decides its bytes. */
export interface CellType {
  readonly kind:
    | 'string'
    | 'boolean'
    | 'int32'
    | 'int64'
    | 'float64'
    | 'timestamp'
    | 'bytes'
    | 'json'
  readonly isNullable: boolean
  /** int64: whether a cell is a bigint or an exact number. */
  readonly as: 'bigint' | 'number'
}

/** A named column, as rows on the wire hold it. */
export interface CellField {
  readonly name: string
  readonly type: CellType
}

/** The type as errors name it: `int64`, `string?`. */
export function typeName(type: CellType): string {
  return `${type.kind}${type.isNullable ? '?' : ''}`
}
