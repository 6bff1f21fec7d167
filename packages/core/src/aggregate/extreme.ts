/**
 * `min` and `max`: the least or greatest value in the one order of values (expr/compare.ts).
 *
 * Decimals by value, text by code point, bytes unsigned, false before true, NaN after every number
 * (so `max` with a NaN is NaN and `min` only of NaNs), -0 as 0. A `json` column may mix kinds:
 * booleans before numbers before text; an object or array is refused. The state is the value
 * itself, null over nothing. Stored: 01, tagged value.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { compareCells } from '../expr/compare.ts'
import { describeCell } from '../record/format/describe-cell.ts'
import { expectVersion } from '../record/format/format-check.ts'
import { readTagged, writeTagged } from '../record/format/tagged-value.ts'
import type { DataType } from '../schema/data-type.ts'
import { compareDecimals } from '../util/decimal.ts'
import type { AggregateFunction, Aggregator } from './aggregator.ts'

/** What `min` and `max` can be of; null in a column is passed over. */
export type Ordered = string | number | bigint | boolean | Uint8Array | null

type Value = Exclude<CellValue, null>

const VERSION = 1

/** @param sign -1 for the least, 1 for the greatest. */
export function extreme(name: string, sign: -1 | 1): AggregateFunction {
  return Object.freeze({
    name,
    resultType: (input: DataType | null) => required(name, input).nullable(),
    create: (input: DataType | null) => aggregatorOf(name, sign, required(name, input).nullable()),
  })
}

function aggregatorOf(name: string, sign: -1 | 1, type: DataType): Aggregator<CellValue> {
  const order = type.kind === 'decimal' ? compareTexts : compare
  const isBetter = (value: Value, than: CellValue): boolean =>
    than === null || order(value, than) * sign > 0
  const aggregator: Aggregator<CellValue> = {
    init: () => null,
    add: (state, value) => (isBetter(value, state) ? kept(value) : state),
    merge: (left, right) => (right !== null && isBetter(right, left) ? right : left),
    result: state => state,
    write(state, out) {
      out.byte(VERSION)
      writeTagged(state, type, out)
    },
    read(from) {
      expectVersion(from, VERSION, `state of ${name}`)
      return readTagged(from, type)
    },
  }
  return type.kind === 'json'
    ? { ...aggregator, check: value => requireOrdered(name, value) }
    : aggregator
}

/** What outlives the batch: bytes are a view into its buffer; -0 becomes 0, its equal. */
function kept(value: Value): Value {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  return value === 0 ? 0 : value
}

/** Total, also over mixed kinds and over 1 beside 1n, so that no order of adding shows. */
function compare(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') {
    if (left < right) return -1
    if (left > right) return 1
  }
  return compareCells(left, right) || rank(left) - rank(right)
}

function compareTexts(left: Value, right: Value): number {
  return compareDecimals(left as string, right as string)
}

function rank(value: Value): number {
  return ['boolean', 'number', 'bigint', 'string'].indexOf(typeof value)
}

function required(name: string, input: DataType | null): DataType {
  if (input?.kind === 'list' || input?.kind === 'struct') {
    throw new MillraceError(
      'TYPE_MISMATCH',
      `${name} needs values with an order; got ${input}. Take a part of it: .get(…).`,
    )
  }
  if (input !== null) return input
  throw new MillraceError('TYPE_MISMATCH', `${name} needs a column; got none.`)
}

function requireOrdered(name: string, value: Value): void {
  if (rank(value) >= 0) return
  throw new MillraceError(
    'TYPE_MISMATCH',
    `${name} of a json column needs text, numbers or booleans; got ${describeCell(value)}. ` +
      'Take a value out of it first, or give the column a type: .as(t.string()).',
  )
}
