/** isNull isNotNull coalesce: the functions that see nulls. */

import type { CellValue } from '../../batch/column.ts'
import { nullableIf } from '../cast.ts'
import { BOOLEAN, unify } from '../typing.ts'
import type { FunctionEntry } from './function-entry.ts'

export const NULLS: readonly FunctionEntry[] = [
  {
    name: 'isNull',
    typed: args => ({ args, type: BOOLEAN }),
    nullsPropagate: false,
    evaluate: () => (cell: CellValue) => cell === null,
  },
  {
    name: 'isNotNull',
    typed: args => ({ args, type: BOOLEAN }),
    nullsPropagate: false,
    evaluate: () => (cell: CellValue) => cell !== null,
  },
  {
    name: 'coalesce',
    typed: args => {
      const shared = unify('coalesce', args)
      const isNullable = shared.args.every(arg => arg.type.isNullable)
      return { args: shared.args, type: nullableIf(shared.type, isNullable) }
    },
    nullsPropagate: false,
    stopsAt: cell => cell !== null,
    evaluate: () => () => null,
  },
]
