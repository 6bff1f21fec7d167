/** Times as epoch milliseconds, within the range of JavaScript's `Date`. */
import type { LogicalType } from '../avro-schema/avro-type.ts'
import type { Cursor } from './cursor.ts'
import { ValueFault } from './value-fault.ts'

export const TIME_MAX = 8.64e15

const UNITS: { readonly [kind: string]: bigint } = {
  'timestamp-micros': 1_000n,
  'timestamp-nanos': 1_000_000n,
}

/** Units of the encoded number in a millisecond. */
export function unitsPerMs(logical: LogicalType | null): bigint {
  return UNITS[logical?.kind ?? ''] ?? 1n
}

/** The long read last, cut off towards the past where it is finer than a millisecond. */
export function timeOf(cursor: Cursor, logical: LogicalType | null): number {
  const units = unitsPerMs(logical)
  const ms = units === 1n ? cursor.number() : floored(cursor, units)
  if (ms >= -TIME_MAX && ms <= TIME_MAX) return ms
  const got = `${cursor.bigint()}`
  throw new ValueFault('a time within 8.64e15 milliseconds of 1970', got)
}

function floored(cursor: Cursor, units: bigint): number {
  if (cursor.isSafe()) return Math.floor(cursor.number() / Number(units))
  const value = cursor.bigint()
  const rest = value % units
  return Number((value - rest) / units) - (rest < 0n ? 1 : 0)
}
