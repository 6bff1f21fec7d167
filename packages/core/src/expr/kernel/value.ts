import type { DataType } from '../../schema/data-type.ts'

/**
 * How generated code holds a cell in a local variable. `bigint` is a double too: whatever is not
 * exact in it goes to the interpreter. `any` is the cell itself: bytes, decimals,
 * json and what is nested.
 */
export type Holding = 'number' | 'bigint' | 'boolean' | 'text' | 'any'

export function holdingOf(type: DataType): Holding {
  switch (type.kind) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'boolean'
    case 'bytes':
    case 'decimal':
    case 'list':
    case 'struct':
    case 'json':
      return 'any'
    default:
      return type.kind === 'int64' && type.as === 'bigint' ? 'bigint' : 'number'
  }
}

/** The cell of the record at hand, as code. */
export interface Value {
  readonly holding: Holding
  /** An expression without effects; it means nothing where the cell is null. */
  readonly code: string
  /** An expression that is true where the cell is null; null = it never is. */
  readonly isNull: string | null
  readonly mayBeNaN?: boolean
  /** Known to be a whole number. */
  readonly isWhole?: boolean
  /** Text of a column or literal, as bytes that need not be decoded: `data`, `start`, `size`. */
  readonly bytes?: { readonly data: string; readonly start: string; readonly size: string }
  /** A 64-bit integer of a column or literal, as its two halves; `low` is unsigned. */
  readonly halves?: { readonly high: string; readonly low: string }
  /** A literal's value, where code can be shorter for it. */
  readonly literal?: string | number | bigint | boolean
}

/** True where one of them is null; null = none ever is. */
export function anyNull(values: readonly Value[]): string | null {
  const tests = values.flatMap(({ isNull }) => (isNull === null ? [] : [isNull]))
  return tests.length === 0 ? null : tests.join(' || ')
}
