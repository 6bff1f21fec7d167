/**
 * All functions of the expression language, by name. A new one is an entry in its family and a
 * method in facets.
 */
import { assert } from '../../util/assert.ts'
import { ARITHMETIC } from './arithmetic.ts'
import { COMPARISONS } from './comparison.ts'
import type { FunctionEntry } from './function-entry.ts'
import { LOGIC } from './logic.ts'
import { NESTED } from './nested.ts'
import { NULLS } from './nulls.ts'
import { TEXT } from './text.ts'
import { TIME } from './time.ts'

export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
  [...ARITHMETIC, ...COMPARISONS, ...LOGIC, ...NULLS, ...TEXT, ...TIME, ...NESTED].map(entry => [
    entry.name,
    entry,
  ]),
)

export function functionEntry(name: string): FunctionEntry {
  const entry = FUNCTIONS.get(name)
  assert(entry !== undefined, `a call names a function of the table, not ${name}`)
  return entry
}
