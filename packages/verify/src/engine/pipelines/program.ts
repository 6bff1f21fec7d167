/**
 * A generated pipeline as data: the steps that a user would write, and what goes in. Made by
 * `generate.ts`; `build.ts` makes an application of it and `oracle.ts` computes what it must give,
 * neither knowing the other.
 */
import type { Cell, Column } from './cell.ts'
import type { Expr } from './expression.ts'

export interface Computed {
  readonly name: string
  readonly expr: Expr
}

export interface Aggregate {
  readonly name: string
  readonly fn: 'count' | 'sum' | 'mean' | 'min' | 'max'
  /** Null: `count()`. */
  readonly input: Expr | null
}

/** How the key of an output is known. */
export type OutputKey =
  | { readonly kind: 'pass' }
  /** The natural form of these columns. */
  | { readonly kind: 'columns'; readonly columns: readonly Column[] }
  /** Group columns that were dropped: the law does not say. */
  | { readonly kind: 'unknown' }

/**
 * What holds of records of equal keys: those of one source partition stay in their order
 * (`origin`), or results go by time (`time`).
 */
export type OutputOrder = 'origin' | 'time' | 'none'

export interface WindowStep {
  readonly kind: 'window'
  readonly id: number
  /** Null: by the record key. */
  readonly groupBy: readonly string[] | null
  /** What a group is; none = the bytes of the record key. */
  readonly columns: readonly Column[]
  readonly sizeMs: number
  /** From one start to the next; the size = tumbling. */
  readonly stepMs: number
  readonly graceMs: number
  /** None where functions reduce. */
  readonly aggregates: readonly Aggregate[]
  /** The sum of what the user's functions measure in a column, and one more per record. */
  readonly reduced: { readonly column: Column; readonly into: string } | null
  readonly results: readonly Step[]
  readonly late: readonly Step[]
}

export type Step =
  | { readonly kind: 'where'; readonly expr: Expr }
  | { readonly kind: 'filter'; readonly column: Column }
  | { readonly kind: 'select' | 'withColumns'; readonly columns: readonly Computed[] }
  | { readonly kind: 'drop'; readonly columns: readonly Column[] }
  | {
      readonly kind: 'rename'
      readonly columns: readonly Column[]
      readonly names: readonly (readonly [string, string])[]
    }
  | { readonly kind: 'fillNull'; readonly values: readonly (readonly [Column, Cell])[] }
  | {
      readonly kind: 'map' | 'flatMap'
      /** The user's function measures this column … */
      readonly column: Column
      /** … into this one. */
      readonly into: string
      readonly schema: readonly Column[]
    }
  | { readonly kind: 'tap'; readonly columns: readonly Column[] }
  | { readonly kind: 'withKey' | 'withTimestamp'; readonly expr: Expr }
  | { readonly kind: 'withHeaders'; readonly column: Column }
  | { readonly kind: 'branch'; readonly branches: readonly (readonly Step[])[] }
  | WindowStep
  | {
      readonly kind: 'output'
      readonly topic: string
      readonly columns: readonly Column[]
      readonly key: OutputKey
      readonly order: OutputOrder
    }

export interface Program {
  readonly seed: number
  readonly columns: readonly Column[]
  /** Where the key column is: in the value too, in the key alone; `none`: keys are bytes. */
  readonly keyColumn: 'value' | 'key' | 'none'
  /** The column that holds event time; null = the record's timestamp. */
  readonly timestamp: string | null
  readonly disorderMs: number
  readonly steps: readonly Step[]
}

export const KEY_COLUMN = 'k'

/** What functions of generated steps see in a cell: a whole number of 0 to 6. */
export function measure(cell: unknown): number {
  if (cell === null || cell === undefined) return 0
  if (typeof cell === 'string' || cell instanceof Uint8Array) return cell.length % 7
  if (typeof cell === 'bigint') return Number(((cell % 7n) + 7n) % 7n)
  if (typeof cell === 'number') return Number.isFinite(cell) ? Math.abs(Math.trunc(cell)) % 7 : 3
  if (typeof cell === 'boolean') return cell ? 1 : 2
  const parts = Object.values(cell).map(measure)
  return parts.reduce((sum, part) => sum + part, 2 + parts.length) % 7
}
