/**
 * add sub mul div mod neg abs round floor ceil.
 *
 * Whole numbers stay whole and never round: a result outside its type is an OVERFLOW error of the
 * record. float64 is IEEE: overflow gives Infinity, 0/0 NaN. `div` always gives float64. `mod` has
 * the sign of the dividend, as `%` has; a whole number mod 0 has no result (OVERFLOW). `round` goes
 * to the nearest, halves away from zero, by the exact binary value (1.005 is a little less than
 * 1.005, so two digits give 1). Decimals are exact, with as many digits as that takes
 * (`decimals.ts`); only `round`, `floor` and `ceil` round them, div and mod are not for them.
 * Times: time - time is milliseconds; time ± whole milliseconds is a time.
 */

import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import { adaptLiteral, castExpr, nullableIf } from '../cast.ts'
import { isDecimal } from '../decimals.ts'
import type { CallExpr, Expr } from '../expr.ts'
import { isWholeLiteral } from '../literal.ts'
import { mismatch } from '../mismatch.ts'
import { printExpr } from '../print.ts'
import {
  anyNullable,
  FLOAT64,
  isBigInt,
  SAFE_INTEGER,
  TIMESTAMP,
  type Typed,
  unifyNumbers,
} from '../typing.ts'
import {
  DECIMAL_OPERATIONS,
  decimalOperation,
  decimalRounding,
  typedRounding,
} from './decimal-arithmetic.ts'
import type { FunctionEntry, Scalar } from './function-entry.ts'

interface Operation {
  readonly ofNumbers: (left: number, right: number) => number
  readonly ofBigInts: (left: bigint, right: bigint) => bigint
}

const ADD: Operation = { ofNumbers: (a, b) => a + b, ofBigInts: (a, b) => a + b }
const SUB: Operation = { ofNumbers: (a, b) => a - b, ofBigInts: (a, b) => a - b }
const MUL: Operation = { ofNumbers: (a, b) => a * b, ofBigInts: (a, b) => a * b }
/** A bigint mod 0 would be a RangeError; it is turned into the fault of whole numbers below. */
const MOD: Operation = { ofNumbers: (a, b) => a % b, ofBigInts: (a, b) => a % b }
/** The second operand is not used. */
const NEG: Operation = { ofNumbers: a => -a, ofBigInts: a => -a }
const ABS: Operation = { ofNumbers: a => Math.abs(a), ofBigInts: a => (a < 0n ? -a : a) }

export const ARITHMETIC: readonly FunctionEntry[] = [
  arithmetic('add', ADD, typedAdd),
  arithmetic('sub', SUB, typedSub),
  arithmetic('mul', MUL),
  arithmetic('mod', MOD),
  arithmetic('neg', NEG),
  arithmetic('abs', ABS),
  {
    name: 'div',
    typed: typedDiv,
    nullsPropagate: true,
    evaluate: () => (a: number, b: number) => a / b,
  },
  rounding('round', roundTo),
  rounding('floor', Math.floor),
  rounding('ceil', Math.ceil),
]

function arithmetic(
  name: string,
  operation: Operation,
  typed: (args: readonly Expr[]) => Typed = args => unifyNumbers(name, args),
): FunctionEntry {
  const decimals = DECIMAL_OPERATIONS[name]
  return {
    name,
    typed: args =>
      decimals !== undefined && args.some(isDecimal) ? decimals.typed(args) : typed(args),
    nullsPropagate: true,
    evaluate: call =>
      decimals !== undefined && isDecimal(call)
        ? decimalOperation(call, decimals)
        : inRange(call, operation),
  }
}

/** The operation with the check of its result type around it. */
function inRange(call: CallExpr, { ofNumbers, ofBigInts }: Operation): Scalar {
  if (isBigInt(call.type)) {
    return (a: bigint, b: bigint) => {
      if (call.name === 'mod' && b === 0n) throw outside(call, Number.NaN)
      const result = ofBigInts(a, b)
      if (BigInt.asIntN(64, result) !== result) throw outside(call, result)
      return result
    }
  }
  const isInside = RANGES[call.type.kind]
  if (isInside === undefined) return ofNumbers
  return (a: number, b: number) => {
    const result = ofNumbers(a, b)
    if (!isInside(result)) throw outside(call, result)
    return result + 0 // no -0 among whole numbers
  }
}

const RANGES: Readonly<Record<string, (result: number) => boolean>> = {
  int32: result => (result | 0) === result,
  int64: Number.isSafeInteger,
  timestamp: result => result >= -8.64e15 && result <= 8.64e15,
}

function outside(call: CallExpr, result: number | bigint): MillraceError {
  const text = printExpr(call)
  if (Number.isNaN(result)) {
    return new MillraceError(
      'OVERFLOW',
      `${text}: a whole number mod 0 has no result. Use nullIf(divisor, 0) to get null.`,
    )
  }
  const wider =
    call.type.kind === 'timestamp'
      ? ''
      : ' Convert an operand first: .as(t.int64()) or .as(t.float64()).'
  return new MillraceError(
    'OVERFLOW',
    `${text}: ${result} is outside ${call.type.required()}.${wider}`,
  )
}

function isTime(expr: Expr): boolean {
  return expr.type.kind === 'timestamp'
}

function typedAdd(args: readonly Expr[]): Typed {
  const [left, right] = args as [Expr, Expr]
  if (isTime(left) && !isTime(right)) return moved('add', left, right, false)
  if (isTime(right) && !isTime(left)) return moved('add', right, left, true)
  return unifyNumbers('add', args)
}

function typedSub(args: readonly Expr[]): Typed {
  const [left, right] = args as [Expr, Expr]
  if (isTime(left) && isTime(right)) {
    return { args, type: nullableIf(SAFE_INTEGER, anyNullable(args)) }
  }
  return isTime(left) ? moved('sub', left, right, false) : unifyNumbers('sub', args)
}

/** A time moved by whole milliseconds. */
function moved(name: string, time: Expr, by: Expr, isSwapped: boolean): Typed {
  if (by.type.kind === 'float64' && !isWholeLiteral(by)) {
    throw mismatch(name, 'whole milliseconds beside a time', by, 'Use .round().as(t.int64()).')
  }
  const isWhole = isWholeLiteral(by) || by.type.kind === 'int32' || by.type.sameKind(SAFE_INTEGER)
  if (!isWhole && !isBigInt(by.type) && by.type.kind !== 'json') {
    throw mismatch(name, 'milliseconds beside a time', by)
  }
  const ms = isWhole ? adaptLiteral(by, SAFE_INTEGER) : castExpr(by, SAFE_INTEGER)
  const type = nullableIf(TIMESTAMP, anyNullable([time, by]))
  return { args: isSwapped ? [ms, time] : [time, ms], type }
}

function typedDiv(args: readonly Expr[]): Typed {
  const bigint = args.find(arg => isBigInt(arg.type))
  if (bigint !== undefined) {
    throw mismatch('div', 'float64', bigint, 'Convert it first: .as(t.float64()).')
  }
  const numbers = unifyNumbers('div', args)
  return { args: numbers.args, type: nullableIf(FLOAT64, numbers.type.isNullable) }
}

function rounding(name: string, round: (value: number, digits: number) => number): FunctionEntry {
  return {
    name,
    typed: ([value, ...digits]) => {
      if (isDecimal(value as Expr)) return typedRounding([value as Expr, ...digits])
      const { args, type } = unifyNumbers(name, [value as Expr])
      return { args: [...args, ...digits], type }
    },
    nullsPropagate: true,
    evaluate: call => {
      if (isDecimal(call)) return decimalRounding(call)
      return call.type.kind === 'float64' ? (round as Scalar) : (value: CellValue) => value
    },
  }
}

function roundTo(value: number, digits = 0): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value
  if (digits === 0) return Math.sign(value) * Math.round(Math.abs(value)) + 0
  return Number(value.toFixed(digits)) + 0
}
