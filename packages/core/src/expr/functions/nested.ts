/**
 * get: one field of a struct, one element of a list, one part of a `json` value.
 *
 * Of a struct the field must be one that it has. What else is not there is null, and so is anything
 * of null. In `json` a number, text or boolean has no parts, so asking for one is an error of the
 * record. Only own properties count: `constructor` and `__proto__` are names like others.
 */

import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import type { DataType } from '../../schema/data-type.ts'
import { describeValue } from '../../schema/refusal.ts'
import { didYouMean } from '../../util/did-you-mean.ts'
import type { CallExpr, Expr, LiteralExpr } from '../expr.ts'
import { mismatch } from '../mismatch.ts'
import { printExpr } from '../print.ts'
import { JSON_TYPE } from '../typing.ts'
import type { FunctionEntry, Scalar } from './function-entry.ts'

export const NESTED: readonly FunctionEntry[] = [
  {
    name: 'get',
    typed: args => ({ args, type: partType(args) }),
    nullsPropagate: true,
    evaluate: partOf,
  },
]

function partType([value, key]: readonly Expr[]): DataType {
  const { type } = value as Expr
  const part = (key as LiteralExpr).value
  if (type.kind === 'json') return JSON_TYPE.nullable()
  if (type.kind === 'list') {
    if (typeof part === 'number') return (type.item as DataType).nullable()
    throw mismatch('get', 'the number of an element, from 0,', value as Expr)
  }
  if (type.kind !== 'struct') throw mismatch('get', 'a struct, a list or json', value as Expr)
  const field = type.fields.find(({ name }) => name === part)
  if (field !== undefined) return type.isNullable ? field.type.nullable() : field.type
  const names = type.fields.map(({ name }) => name)
  throw new MillraceError(
    'UNKNOWN_COLUMN',
    `${printExpr(value as Expr)} has no field ${JSON.stringify(part)}; it has ` +
      `${names.join(', ')}.${didYouMean(String(part), names)}`,
  )
}

function partOf(call: CallExpr): Scalar {
  const [input, key] = call.args as [Expr, Expr]
  const isIndex = key.type.kind !== 'string'
  return (value: CellValue, part: string | number) => {
    const fits = isIndex ? Array.isArray(value) : typeof value === 'object' && !Array.isArray(value)
    if (fits && value !== null) {
      if (!Object.hasOwn(value as object, part)) return null
      return ((value as Record<string | number, CellValue>)[part] ?? null) as CellValue
    }
    throw new MillraceError(
      'TYPE_MISMATCH',
      `${printExpr(input)}: expected ${isIndex ? 'an array' : 'an object'} to get ` +
        `${printExpr(key)} of, got ${describeValue(value)}.`,
    )
  }
}
