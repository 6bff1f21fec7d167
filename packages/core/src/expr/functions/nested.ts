/**
 * get: one property of an object, or one element of an array, of a `json` column.
 *
 * What is not there is null, and so is anything of null; a number, text or boolean has no parts, so
 * asking for one is an error of the record. Only own properties count: `constructor` and
 * `__proto__` are names like others.
 */

import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import { describeValue } from '../../schema/refusal.ts'
import type { CallExpr, Expr } from '../expr.ts'
import { mismatch } from '../mismatch.ts'
import { printExpr } from '../print.ts'
import { JSON_TYPE } from '../typing.ts'
import type { FunctionEntry, Scalar } from './function-entry.ts'

export const NESTED: readonly FunctionEntry[] = [
  {
    name: 'get',
    typed: args => {
      const value = args[0] as Expr
      if (value.type.kind !== 'json') throw mismatch('get', 'a json column', value)
      return { args, type: JSON_TYPE.nullable() }
    },
    nullsPropagate: true,
    evaluate: partOf,
  },
]

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
