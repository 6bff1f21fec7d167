/**
 * Rows that know which records have changed them: what is appended to a list is there once, however
 * often its record is written.
 *
 *   fence = { partition of the input → place of the last record that changed the row }
 *   UPDATE … SET list = list + ?, fence[p] = ? WHERE … IF fence[p] < ?
 *
 * The place of a record is the same each time it is read, and grows along its partition; change and
 * place are written together or not at all. So whoever sends a record again, after a crash or an
 * answer that never came, finds its place there and changes nothing.
 */
import { type Batch, MillraceError } from '@millrace/core'
import type { Client, QueryOptions, types } from 'cassandra-driver'
import type { OutRow } from './out-row.ts'
import { firstOf, type Statement } from './statement.ts'

/** One record may become so many rows. */
const ROWS_MAX = 1_024

/** What a fence knows a partition by. */
export function inputName({ records: { topic, partition } }: Batch): string {
  return `${topic}/${partition}`
}

/** The place of each record, asked for in their order; NaN where it has none. */
export function placeReader({ records: { offsets } }: Batch): (index: number) => number {
  let last = -1
  let nth = 0
  return index => {
    const offset = offsets[index] as number
    nth = offset === last ? nth + 1 : 0
    last = offset
    return offset < 0 || nth >= ROWS_MAX ? Number.NaN : offset * ROWS_MAX + nth
  }
}

/** @throws SINK_FAILED where a record has no place. */
export function checkedPlace(place: number): number {
  if (Number.isSafeInteger(place)) return place
  throw new MillraceError(
    'SINK_FAILED',
    'a row with a fence needs the offset of its record. Results of windows and of timers have ' +
      `none, and a record has at most ${ROWS_MAX} rows: write those without a fence.`,
  )
}

/** Sends one row at a time; false = its record has changed it before. */
export function fencedSender(
  client: Client,
  consistency: number,
  { column, write }: { readonly column: string; readonly write: Statement },
): (rows: readonly OutRow[]) => Promise<boolean> {
  const options: QueryOptions = { prepare: true, consistency, isIdempotent: true }
  const first = firstOf(write)
  return async rows => {
    const params = (rows[0] as OutRow).params
    const input = String(params.at(-2))
    // The second time the place is there: by another try of this row, or by another record.
    for (let round = 0; round < 2; round++) {
      const result = await client.execute(write.cql, params as Buffer[], options)
      if (result.wasApplied()) return true
      if (hasPlace(result.first()?.[column], input)) return false
      const begun = await client.execute(first, params.slice(0, -1) as Buffer[], options)
      if (begun.wasApplied()) return true
    }
    throw new MillraceError(
      'SINK_FAILED',
      `the fence ${JSON.stringify(column)} of a row goes away while it is written. Nobody else ` +
        'may delete rows that have one, or let them expire.',
    )
  }
}

/** @param fence as the driver gives it: an object, or a Map where the client says so. */
function hasPlace(fence: types.Row[string], input: string): boolean {
  if (fence === null || fence === undefined) return false
  return typeof fence.get === 'function' ? fence.has(input) : Object.hasOwn(fence, input)
}
