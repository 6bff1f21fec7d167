/**
 * eq ne gt gte lt lte isIn.
 *
 * The order is that of `compare.ts`. Numbers and times of any kind compare exactly with each other,
 * decimals with whole numbers and with text that writes a number;
 * other kinds only with their own. Booleans have equality only. Comparing with null is null, so it
 * is refused where it is certain. Two `json` operands are compared by what they hold; values of
 * different kinds are an error of the record.
 */
import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import type { DataType, TypeKind } from '../../schema/data-type.ts'
import { describeValue } from '../../schema/refusal.ts'
import { adaptLiteral, castExpr, nullableIf } from '../cast.ts'
import { compareBytes, compareCells, compareNumbers, compareText } from '../compare.ts'
import { asDecimals, decimalOrder, isDecimal, ofDecimalType } from '../decimals.ts'
import type { CallExpr, Expr, LiteralExpr } from '../expr.ts'
import { isNullLiteral } from '../literal.ts'
import { mismatch, shown } from '../mismatch.ts'
import { printExpr } from '../print.ts'
import { anyNullable, BOOLEAN, isBigInt, isNumber, type Typed } from '../typing.ts'
import type { FunctionEntry, Scalar } from './function-entry.ts'

export const COMPARISONS: readonly FunctionEntry[] = [
  comparison('eq', order => order === 0),
  comparison('ne', order => order !== 0),
  comparison('gt', order => order > 0),
  comparison('gte', order => order >= 0),
  comparison('lt', order => order < 0),
  comparison('lte', order => order <= 0),
  { name: 'isIn', typed: typedIsIn, nullsPropagate: true, arity: 1, evaluate: isIn },
]

function comparison(name: string, holds: (order: number) => boolean): FunctionEntry {
  return {
    name,
    typed: args => typedComparison(name, args),
    nullsPropagate: true,
    evaluate: call => {
      const compare = comparisonOf(call) as (left: CellValue, right: CellValue) => number
      return (left: CellValue, right: CellValue) => holds(compare(left, right))
    },
  }
}

function typedComparison(name: string, args: readonly Expr[]): Typed {
  const comparable = comparableArgs(name, args)
  if (name !== 'eq' && name !== 'ne') {
    const boolean = comparable.find(arg => arg.type.kind === 'boolean')
    if (boolean !== undefined)
      throw mismatch(name, 'values with an order', boolean, 'Use eq or ne.')
  }
  return { args: comparable, type: nullableIf(BOOLEAN, anyNullable(comparable)) }
}

function comparableArgs(name: string, args: readonly Expr[]): readonly Expr[] {
  if (args.some(isNullLiteral)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} with null is never true, as in SQL. Use .isNull() or .isNotNull().`,
    )
  }
  const nested = args.find(arg => arg.type.kind === 'list' || arg.type.kind === 'struct')
  if (nested !== undefined) {
    throw mismatch(name, 'values that are compared', nested, 'Compare its parts: .get(…).')
  }
  if (args.some(isDecimal)) return asDecimals(name, args)
  const lead = args.find(arg => arg.type.kind !== 'json' && arg.kind !== 'literal')
  const known = lead ?? args.find(arg => arg.type.kind !== 'json')
  if (known === undefined) return args
  return args.map(arg => {
    if (arg.type.kind === 'json') return castExpr(arg, known.type.required())
    if (isNumeric(known.type) && isNumeric(arg.type)) return beside(arg, known.type)
    if (arg.type.kind === known.type.kind) return arg
    throw mismatch(
      name,
      'two values of one type',
      arg,
      `But ${shown(known)}. Convert one: ${hint(arg.type.kind, known.type.kind)}.`,
    )
  })
}

function isNumeric(type: DataType): boolean {
  return isNumber(type) || type.kind === 'timestamp'
}

/**
 * A whole literal takes the kind of what it is compared with; the order is the same for all
 * kinds.
 */
function beside(arg: Expr, type: DataType): Expr {
  return type.kind === 'float64' ? arg : adaptLiteral(arg, type)
}

function hint(given: TypeKind, wanted: TypeKind): string {
  return given === 'string' && wanted === 'timestamp' ? 'lit(new Date(…))' : `.as(t.${wanted}())`
}

const COMPARE: { readonly [K in TypeKind]?: Scalar } = {
  string: compareText,
  bytes: compareBytes,
  boolean: (left: boolean, right: boolean) => Number(left) - Number(right),
  decimal: decimalOrder,
}

function comparisonOf(call: CallExpr): Scalar {
  const kind = (call.args[0] as Expr).type.kind
  return kind === 'json' ? compareJson(call) : (COMPARE[kind] ?? (compareNumbers as Scalar))
}

function compareJson(call: CallExpr): Scalar {
  return (left: CellValue, right: CellValue) => {
    const order = compareCells(left, right)
    if (order !== null) return order
    throw new MillraceError(
      'TYPE_MISMATCH',
      `${printExpr(call)}: expected two numbers, texts or booleans, ` +
        `got ${describeValue(left)} and ${describeValue(right)}.`,
    )
  }
}

/** Arguments: the value, then the literals it may equal. */
function typedIsIn(args: readonly Expr[]): Typed {
  const value = args[0] as Expr
  if (args.length === 1) return { args, type: nullableIf(BOOLEAN, value.type.isNullable) }
  const comparable = comparableArgs('isIn', args)
  const { type } = comparable[0] as Expr
  if (type.kind === 'decimal') {
    // Equal decimals of one scale are equal text; a literal that does not fit it equals none.
    const texts = comparable.map(arg => ofDecimalType(arg, type))
    return { args: texts, type: nullableIf(BOOLEAN, anyNullable(texts)) }
  }
  const literals = comparable.slice(1) as LiteralExpr[]
  const bigint = isBigInt((comparable[0] as Expr).type)
  const odd = literals.find(literal => isBigInt(literal.type) !== bigint && isNumber(literal.type))
  if (odd === undefined) {
    return { args: comparable, type: nullableIf(BOOLEAN, anyNullable(comparable)) }
  }
  throw mismatch('isIn', 'values of one type', odd, `But ${shown(value)}.`)
}

function isIn({ args: [value, ...literals] }: CallExpr): Scalar {
  const cells = literals.map(literal => (literal as LiteralExpr).value)
  if ((value as Expr).type.kind === 'bytes') {
    return (cell: Uint8Array) => cells.some(each => compareBytes(cell, each as Uint8Array) === 0)
  }
  // A Set has the same equality as `eq`: NaN is NaN, -0 is 0.
  const set = new Set(cells)
  return (cell: CellValue) => set.has(cell)
}
