import { t } from '../../../schema/data-type.ts'
import { type Schema, schema } from '../../../schema/schema.ts'

/** The input of every program. */
export const SALE: Schema<SaleRow> = schema({
  id: t.int32(),
  user: t.string(),
  team: t.string(),
  amount: t.int32(),
})

export interface SaleRow {
  readonly id: number
  readonly user: string
  readonly team: string
  readonly amount: number
}

/** A record of the input; a list of them has the records of each partition in their order. */
export interface Sale {
  readonly id: number
  readonly user: string
  readonly amount: number
  readonly partition: number
  readonly timestamp: number
}

export const PARTITIONS = 3

/** Milliseconds of event time. */
export const DISORDER = 1_500
export const GRACE = 500
export const SIZE = 10_000
/** Of the windows over the results of windows. */
export const SIZE_BEHIND = 40_000

/** The end of the last window that is asked for when the input alone closes windows. */
export const HORIZON: number = 10 * 3_600_000

/** A user is in the team of its first letter. */
export function teamOf(user: string): string {
  return user.slice(0, 1)
}
