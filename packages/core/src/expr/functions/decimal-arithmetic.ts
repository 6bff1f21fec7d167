/**
 * add sub mul neg abs, round floor ceil of decimals.
 *
 * Operands and results are whole numbers of smallest units, of any size; a result with more digits
 * than its type has is an OVERFLOW error of the record. Which types results have: `decimals.ts`.
 */
import { MillraceError } from '../../errors.ts'
import type { DataType } from '../../schema/data-type.ts'
import { decimalText, isWithin, powerOfTen, unscaledAt } from '../../util/decimal.ts'
import { nullableIf } from '../cast.ts'
import { asDecimals, productType, roundedType, sumType } from '../decimals.ts'
import type { CallExpr, Expr, LiteralExpr } from '../expr.ts'
import { printExpr } from '../print.ts'
import { anyNullable, type Typed } from '../typing.ts'
import type { Scalar } from './function-entry.ts'

export interface DecimalOperation {
  /** @throws TYPE_MISMATCH */
  typed(args: readonly Expr[]): Typed
  /** True: the operands have the scale of the result; else each its own. */
  readonly isScaled: boolean
  /** Of smallest units; the second operand of one that has none is not used. */
  readonly of: (left: bigint, right: bigint) => bigint
}

/** By the names of their functions. */
export const DECIMAL_OPERATIONS: Readonly<Record<string, DecimalOperation>> = {
  add: { typed: args => typedAs('add', args, sumType), isScaled: true, of: (a, b) => a + b },
  sub: { typed: args => typedAs('sub', args, sumType), isScaled: true, of: (a, b) => a - b },
  mul: {
    typed: args => typedAs('mul', args, decimals => productType('mul', decimals)),
    isScaled: false,
    of: (a, b) => a * b,
  },
  neg: { typed: args => typedAs('neg', args, typeOfFirst), isScaled: true, of: a => -a },
  abs: {
    typed: args => typedAs('abs', args, typeOfFirst),
    isScaled: true,
    of: a => (a < 0n ? -a : a),
  },
}

function typedAs(
  name: string,
  args: readonly Expr[],
  typeOf: (decimals: readonly Expr[]) => DataType,
): Typed {
  const decimals = asDecimals(name, args)
  return { args: decimals, type: nullableIf(typeOf(decimals), anyNullable(args)) }
}

function typeOfFirst([first]: readonly Expr[]): DataType {
  return (first as Expr).type
}

export function decimalOperation(call: CallExpr, { isScaled, of }: DecimalOperation): Scalar {
  const { precision, scale } = call.type
  const scales = call.args.map(({ type }) => (isScaled ? scale : type.scale))
  const [leftScale = scale, rightScale = scale] = scales
  return (left: string, right: string = '0') => {
    const units = of(unscaledAt(left, leftScale), unscaledAt(right, rightScale))
    if (isWithin(units, precision)) return decimalText(units, scale)
    throw outside(call, decimalText(units, scale))
  }
}

function outside(call: CallExpr, result: string): MillraceError {
  return new MillraceError(
    'OVERFLOW',
    `${printExpr(call)}: ${result} is outside ${call.type.required()}. ` +
      'Round an operand first, or convert it: .as(t.float64()).',
  )
}

export function typedRounding(args: readonly Expr[]): Typed {
  const [value] = args as [Expr]
  const type = roundedType(value.type, digitsOf(args))
  return { args, type: nullableIf(type, value.type.isNullable) }
}

/** The digits that `round` leaves behind the point. */
function digitsOf([, digits]: readonly Expr[]): number {
  return digits === undefined ? 0 : ((digits as LiteralExpr).value as number)
}

/** Halves away from zero; `floor` and `ceil` to whole numbers. */
export function decimalRounding(call: CallExpr): Scalar {
  const { precision, scale } = call.type
  const from = (call.args[0] as Expr).type.scale
  const step = powerOfTen(from - scale)
  const round = ROUNDINGS[call.name] as (rest: bigint, step: bigint) => bigint
  return (text: string) => {
    const units = unscaledAt(text, from)
    const rest = units % step
    const rounded = units / step + round(rest, step)
    if (isWithin(rounded, precision)) return decimalText(rounded, scale)
    throw outside(call, decimalText(rounded, scale))
  }
}

/** What is added to the units without their rest; the rest has the sign of the units. */
const ROUNDINGS: Readonly<Record<string, (rest: bigint, step: bigint) => bigint>> = {
  round: (rest, step) => (rest * 2n >= step ? 1n : rest * 2n <= -step ? -1n : 0n),
  floor: rest => (rest < 0n ? -1n : 0n),
  ceil: rest => (rest > 0n ? 1n : 0n),
}
