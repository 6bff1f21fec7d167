/**
 * What a user says about a lookup, and its parsed form: a node of the plan.
 *
 * What can be judged without the table is thrown here, at the line of `lookup(…)`; whether the
 * table is as its schema says is found when the application starts.
 */
import { MillraceError } from '../errors.ts'
import type { LookupDefinition } from '../lookup/lookup.ts'
import { type LookupNode, lookupNode } from '../plan/lookup.ts'
import type { FrameNode } from '../plan/node.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { Schema } from '../schema/schema.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { columnNames, parseEntries, requireThat } from './step.ts'

/** What is kept of a table that rows are looked up in. */
export interface LookupOptions {
  /** What happens to a record whose key cannot be looked up. Default: that of the application. */
  readonly onError?: ErrorPolicy
  /** How long a row is used before it is asked for again. Default 1 min; 0 = for one batch. */
  readonly keep?: Duration
  /** The same for keys that have no row. Default 10 s. */
  readonly keepMissing?: Duration
  /** Rows that are kept, in each task. Default 10,000. */
  readonly rowsMax?: number
}

/** @throws INVALID_ARGUMENT, UNKNOWN_COLUMN, DUPLICATE_COLUMN, SCHEMA_MISMATCH */
export function lookupFrom(
  from: FrameNode,
  written: { readonly lookup: LookupDefinition; readonly on: unknown; readonly fields: unknown },
  options: LookupOptions,
  onError: ErrorPolicy,
): LookupNode {
  const { lookup, on, fields } = written
  const isLookup = lookup?.schema instanceof Schema && typeof lookup.create === 'function'
  requireThat(
    isLookup,
    "lookup needs a table, for example cassandra(client).lookup('ks.t', …)",
    lookup,
  )
  const { rowsMax = 10_000 } = options
  if (!Number.isSafeInteger(rowsMax) || rowsMax < 1) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `rowsMax of lookup is a whole number from 1 on; got ${JSON.stringify(rowsMax)}.`,
    )
  }
  if (lookup.perRecord) refuseCache(lookup, options)
  return lookupNode(from, {
    lookup,
    on: columnNames([on], 'lookup'),
    fields: fieldPairs(fields),
    cache: {
      rowsMax,
      keepMs: durationMs(options.keep ?? '1m', 'keep of lookup'),
      keepMissingMs: durationMs(options.keepMissing ?? '10s', 'keepMissing of lookup'),
    },
    onError,
  })
}

function refuseCache({ name }: LookupDefinition, options: LookupOptions): void {
  for (const option of ['keep', 'keepMissing', 'rowsMax'] as const) {
    if (options[option] === undefined) continue
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} is asked for each record, so nothing is kept: leave ${option} out.`,
    )
  }
}

/** New names with names of the table: `['city']`, or `{ user_city: 'city' }`. */
function fieldPairs(fields: unknown): [string, string][] {
  const pairs: [string, unknown][] = Array.isArray(fields)
    ? columnNames(fields, 'lookup').map(name => [name, name])
    : parseEntries(fields, 'lookup', "{ user_city: 'city' }")
  if (pairs.length === 0) {
    throw new MillraceError('INVALID_ARGUMENT', 'lookup needs a column that it is to add.')
  }
  return pairs.map(([name, from]) => {
    if (typeof from === 'string') return [name, from]
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `lookup needs the table's name of column ${JSON.stringify(name)}; got ${typeof from}.`,
    )
  })
}
