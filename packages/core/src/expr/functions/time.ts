/**
 * truncate: the start of the interval a time falls into, intervals counted from
 * 1970-01-01T00:00Z.
 */
import { nullableIf } from '../cast.ts'
import type { Expr } from '../expr.ts'
import { mismatch } from '../mismatch.ts'
import { TIMESTAMP } from '../typing.ts'
import type { FunctionEntry } from './function-entry.ts'

export const TIME: readonly FunctionEntry[] = [
  {
    name: 'truncate',
    typed: args => {
      const time = args[0] as Expr
      if (time.type.kind !== 'timestamp') {
        throw mismatch('truncate', 'a timestamp', time, 'Convert it first: .as(t.timestamp()).')
      }
      return { args, type: nullableIf(TIMESTAMP, time.type.isNullable) }
    },
    nullsPropagate: true,
    evaluate: () => (time: number, step: number) => Math.floor(time / step) * step,
  },
]
