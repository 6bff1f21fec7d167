/** Aggregates over one column that have one state between them. */
import type { Aggregator } from './aggregator.ts'

/** The first of the aggregates before `at` that is of its kind and reads its column. */
export function twinOf(
  aggregates: readonly { readonly aggregator: Aggregator; readonly column: string | null }[],
  at: number,
): number | undefined {
  const own = aggregates[at]
  if (own?.aggregator.kind === undefined || own.column === null) return undefined
  const { kind } = own.aggregator
  const first = aggregates.findIndex(
    ({ aggregator, column }) => aggregator.kind === kind && column === own.column,
  )
  return first < at ? first : undefined
}
