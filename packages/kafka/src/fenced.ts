import { MillraceError } from '@millrace/core'

/** Another producer has our id, or our member is out of its group. */
const FENCED: ReadonlySet<number> = new Set([
  -144, // fenced, as librdkafka says
  22, // illegal generation
  25, // unknown member
  27, // rebalance in progress
  47, // invalid producer epoch
  82, // fenced instance id
  90, // producer fenced
  110, // fenced member epoch
  113, // stale member epoch
])

export function isFenced(code: number): boolean {
  return FENCED.has(code)
}

/** @param what what was done; `said`: what the broker or the client answered */
export function fencedError(what: string, said: string, cause: unknown): MillraceError {
  return new MillraceError(
    'FENCED',
    `${what}: ${said}. Another process has taken over the work or the id of this one; what this ` +
      'epoch did is undone.',
    { cause },
  )
}
