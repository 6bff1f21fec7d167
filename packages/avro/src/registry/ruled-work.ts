/** What reading and writing records by serdes of others have in common. */
import { eachAtOnce, MillraceError } from '@millrace/core'

/** Records under way at the same time. */
const RECORDS_MAX = 16

/** Does some work for each index, a few at the same time; undefined = there is none. */
export function workOn(
  indices: readonly number[],
  work: (index: number) => Promise<void>,
): Promise<void> | undefined {
  return indices.length === 0 ? undefined : eachAtOnce(indices, RECORDS_MAX, work)
}

/** Trouble of the network, or an answer of a server, which is not of the record; else null. */
export function awayError(who: string, error: unknown): MillraceError | null {
  const { code, status } = (error ?? {}) as { readonly code?: unknown; readonly status?: unknown }
  const isAway = typeof status === 'number' || (typeof code === 'string' && /^E[A-Z]+$/.test(code))
  if (!isAway) return null
  return new MillraceError(
    'REGISTRY_UNREACHABLE',
    `the ${who} of rules cannot reach what it needs: ${String(error)}.`,
    { cause: error, retriable: true },
  )
}
