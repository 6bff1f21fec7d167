import { t } from '../schema/data-type.ts'
import { JsonColumn } from './column.ts'

/** The undeclared part of an open batch, without the columns that were dropped or renamed. */
export function restWithout(
  rest: JsonColumn | null,
  omit: readonly string[] | null,
): JsonColumn | null {
  if (omit === null || rest === null) return null
  if (omit.length === 0) return rest
  const left = new Set(omit)
  const values = rest.values.map(value =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name)))
      : value,
  )
  return new JsonColumn(t.json().nullable(), values)
}
