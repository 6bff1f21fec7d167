/**
 * Which types go together, and what comes out: the rules all functions share.
 *
 * Numbers: whole kinds stay whole (int32 with int32 gives int32, the wider kind wins), anything
 * with float64 gives float64. int64 as bigint goes with whole numbers only: beside float64 one side
 * would be rounded, so that needs `.as`; decimals have rules of their own (`decimals.ts`). `json`
 * beside a known type becomes a checked conversion to that type, so evaluation never meets a
 * surprise. Literals follow their neighbour. A result is nullable when an operand is.
 */
import { MillraceError } from '../errors.ts'
import { type DataType, t } from '../schema/data-type.ts'
import { adaptLiteral, castExpr, nullableIf } from './cast.ts'
import { asDecimals, isDecimal, ofDecimalType, sharedDecimal } from './decimals.ts'
import type { Expr } from './expr.ts'
import { isNullLiteral, isWholeLiteral, typedLiteral } from './literal.ts'
import { mismatch, shown } from './mismatch.ts'

export const STRING: DataType = t.string()
export const BOOLEAN: DataType = t.boolean()
export const INT32: DataType = t.int32()
const INT64: DataType = t.int64()
/** int64 given as a number. */
export const SAFE_INTEGER: DataType = t.int64({ as: 'number' })
export const FLOAT64: DataType = t.float64()
export const TIMESTAMP: DataType = t.timestamp()
export const JSON_TYPE: DataType = t.json()

/** Operands made ready for evaluation, and the type they share or give. */
export interface Typed {
  readonly args: readonly Expr[]
  readonly type: DataType
}

export function isNumber({ kind }: DataType): boolean {
  return kind === 'float64' || kind === 'int32' || kind === 'int64'
}

export function isBigInt(type: DataType): boolean {
  return type.kind === 'int64' && type.as === 'bigint'
}

export function anyNullable(args: readonly Expr[]): boolean {
  return args.some(arg => arg.type.isNullable)
}

/**
 * Numbers brought to one kind; for arithmetic.
 * @throws TYPE_MISMATCH when one is not a number, or a bigint stands beside fractions.
 */
export function unifyNumbers(name: string, args: readonly Expr[]): Typed {
  for (const arg of args) {
    if (isNumber(arg.type) || arg.type.kind === 'json') continue
    const hint =
      arg.type.kind === 'timestamp'
        ? 'Times can be subtracted, moved with add and sub of milliseconds, and truncated.'
        : 'Convert it first: .as(t.float64()).'
    throw mismatch(name, 'numbers', arg, hint)
  }
  const type = numberType(name, args)
  return { args: args.map(arg => toNumber(arg, type)), type: nullableIf(type, anyNullable(args)) }
}

/** An operand that must be of this kind: itself, or a checked conversion of `json`. */
export function needed(name: string, needs: string, arg: Expr, type: DataType): Expr {
  if (arg.type.sameKind(type)) return arg
  if (arg.type.kind === 'json') return castExpr(arg, type)
  throw mismatch(name, needs, arg, `Convert it first: .as(t.${type.kind}()).`)
}

/**
 * Operands brought to one type; for the branches of `when`, for `coalesce` and the like.
 * @throws TYPE_MISMATCH when there is no type for all of them.
 */
export function unify(name: string, args: readonly Expr[]): Typed {
  if (args.some(isDecimal)) return unifyDecimals(name, args)
  const type = sharedType(name, args)
  return {
    args: args.map(arg => toShared(arg, type)),
    type: nullableIf(type, anyNullable(args)),
  }
}

function unifyDecimals(name: string, args: readonly Expr[]): Typed {
  const decimals = asDecimals(name, args)
  const type = sharedDecimal(name, decimals)
  return {
    args: decimals.map(arg => ofDecimalType(arg, type)),
    type: nullableIf(type, anyNullable(args)),
  }
}

function sharedType(name: string, args: readonly Expr[]): DataType {
  const known = args.filter(arg => arg.type.kind !== 'json')
  const lead = known.find(arg => !isWholeLiteral(arg)) ?? known[0]
  if (lead === undefined) {
    if (args.every(isNullLiteral)) {
      throw new MillraceError(
        'TYPE_MISMATCH',
        `${name} has only nulls, so its type is unknown. Give one: lit(null).as(t.string()).`,
      )
    }
    return JSON_TYPE
  }
  if (isNumber(lead.type) && known.every(arg => isNumber(arg.type))) return numberType(name, args)
  for (const arg of known) {
    const isNested = lead.type.kind === 'list' || lead.type.kind === 'struct'
    const fits = isNested ? arg.type.sameKind(lead.type) : arg.type.kind === lead.type.kind
    if (fits || (lead.type.kind === 'timestamp' && isWholeLiteral(arg))) continue
    throw mismatch(name, 'values of one type', arg, `But ${shown(lead)}. Convert one with .as(…).`)
  }
  const hasOneUnit = known.every(arg => isWholeLiteral(arg) || arg.type.unit === lead.type.unit)
  return hasOneUnit ? lead.type : TIMESTAMP
}

function toShared(arg: Expr, type: DataType): Expr {
  if (isNullLiteral(arg)) return typedLiteral(null, type.nullable())
  if (isNumber(type)) return toNumber(arg, type)
  if (type.kind === 'timestamp') return json(adaptLiteral(arg, type), type)
  return json(arg, type)
}

function json(arg: Expr, type: DataType): Expr {
  return arg.type.kind === 'json' ? castExpr(arg, type) : arg
}

/** The kind of number that holds every operand exactly. */
function numberType(name: string, args: readonly Expr[]): DataType {
  const bigint = args.find(arg => isBigInt(arg.type))
  const typed = args.filter(arg => !isWholeLiteral(arg) && !isNullLiteral(arg))
  if (bigint !== undefined) {
    const fraction = typed.find(arg => arg.type.kind === 'float64')
    if (fraction === undefined) return INT64
    throw mismatch(
      name,
      'numbers of one kind',
      fraction,
      `But ${shown(bigint)}, a bigint. Convert one of them: .as(t.float64()) or .as(t.int64()).`,
    )
  }
  if (typed.length === 0) return FLOAT64
  if (typed.some(arg => arg.type.kind === 'float64' || arg.type.kind === 'json')) return FLOAT64
  const fitsInt32 = args.every(arg =>
    isWholeLiteral(arg) ? isInt32(arg.value as number) : arg.type.kind !== 'int64',
  )
  return fitsInt32 ? INT32 : SAFE_INTEGER
}

function isInt32(value: number): boolean {
  return value >= -0x8000_0000 && value <= 0x7fff_ffff
}

/** Kinds that are JavaScript numbers need no conversion among each other; bigint does. */
function toNumber(arg: Expr, type: DataType): Expr {
  if (isNullLiteral(arg)) return typedLiteral(null, type.nullable())
  if (isWholeLiteral(arg)) return type.kind === 'float64' ? arg : adaptLiteral(arg, type)
  if (arg.type.kind === 'json') return castExpr(arg, type)
  return isBigInt(type) && !isBigInt(arg.type) ? castExpr(arg, type) : arg
}
