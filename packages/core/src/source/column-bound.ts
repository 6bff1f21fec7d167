/**
 * Which records of a source a plan looks at: what a source may use to leave out the others, as by
 * statistics of a file.
 */

/**
 * A condition that a cell meets, by the order of comparisons: NaN equals itself and is above every
 * number, text is ordered by code point. Null meets none.
 */
export interface ColumnBound {
  readonly column: string
  readonly is: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'
  /** Of the kind of the column; numbers, whole numbers and times with each other. Never NaN. */
  readonly value: number | bigint | string
}

/** A record is looked at only where all bounds of one of these hold. */
export type RecordsWanted = readonly (readonly ColumnBound[])[]
