/**
 * upper lower trim length concat startsWith endsWith contains.
 *
 * `length` counts code points (not UTF-16 units), the bytes of a bytes column, the elements of a
 * list; of json either of text or of an array. Upper and lower case are Unicode's, whatever the
 * machine's language; `trim` takes away Unicode white space. A null part makes `concat` null.
 */

import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import type { DataType, TypeKind } from '../../schema/data-type.ts'
import { describeValue } from '../../schema/refusal.ts'
import { nullableIf } from '../cast.ts'
import type { Expr } from '../expr.ts'
import { printExpr } from '../print.ts'
import { anyNullable, BOOLEAN, INT32, needed, STRING, type Typed } from '../typing.ts'
import type { FunctionEntry, Scalar } from './function-entry.ts'

export const TEXT: readonly FunctionEntry[] = [
  ofText('upper', STRING, (text: string) => text.toUpperCase()),
  ofText('lower', STRING, (text: string) => text.toLowerCase()),
  ofText('trim', STRING, (text: string) => text.trim()),
  ofText('concat', STRING, (...parts: readonly string[]) => parts.join('')),
  ofText('startsWith', BOOLEAN, (text: string, start: string) => text.startsWith(start)),
  ofText('endsWith', BOOLEAN, (text: string, end: string) => text.endsWith(end)),
  ofText('contains', BOOLEAN, (text: string, part: string) => text.includes(part)),
  {
    name: 'length',
    typed: args =>
      COUNTED.has((args[0] as Expr).type.kind)
        ? typedAs(args, INT32)
        : typedText('length', args, INT32),
    nullsPropagate: true,
    evaluate: ({ args: [counted] }) => {
      const { kind } = (counted as Expr).type
      if (kind === 'json') return value => jsonCount(value, counted as Expr)
      return kind === 'string' ? codePointCount : itemCount
    },
  },
]

function ofText(name: string, result: DataType, scalar: Scalar): FunctionEntry {
  return {
    name,
    typed: args => typedText(name, args, result),
    nullsPropagate: true,
    evaluate: () => scalar,
  }
}

function typedText(name: string, args: readonly Expr[], result: DataType): Typed {
  const texts = args.map(arg => needed(name, 'text', arg, STRING))
  return typedAs(texts, result)
}

function typedAs(args: readonly Expr[], result: DataType): Typed {
  return { args, type: nullableIf(result, anyNullable(args)) }
}

const COUNTED: ReadonlySet<TypeKind> = new Set(['bytes', 'list', 'json'])

function itemCount(items: Uint8Array | readonly CellValue[]): number {
  return items.length
}

function jsonCount(value: CellValue, counted: Expr): number {
  if (typeof value === 'string') return codePointCount(value)
  if (Array.isArray(value)) return value.length
  throw new MillraceError(
    'TYPE_MISMATCH',
    `${printExpr(counted)}: expected text or an array to count, got ${describeValue(value)}.`,
  )
}

function codePointCount(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.codePointAt(i) as number) > 0xffff) {
      count--
      i++
    }
  }
  return count
}
