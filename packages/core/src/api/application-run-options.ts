/** What a run is told by the user, what is refused there, and how it hears that it is to stop. */
import { MillraceError } from '../errors.ts'
import { checkChoices, type VerdictChoices } from '../runtime/verdict-choices.ts'

export interface ApplicationRunOptions {
  /**
   * 'end': stop at the high watermarks found at the start. Default: run until stopped, or to the
   * end of the sources where no topic is read.
   */
  readonly until?: 'end'
  /** With `until: 'end'`: close the windows that are still open. Default false. */
  readonly flush?: boolean
  /**
   * What to do where state and the group disagree, by the code of the error that the run would stop
   * with: `{ OFFSETS_MOVED: 'keep' }`. Default: stop.
   */
  readonly accept?: VerdictChoices
  /** Aborted: finish, commit, leave. */
  readonly signal?: AbortSignal
  /** Stop gracefully on SIGINT and SIGTERM. Default true. */
  readonly handleSignals?: boolean
  /**
   * In so many processes on this machine, which share the partitions. This process starts its
   * program once more for each of them, watches them and runs nothing itself: what stands before
   * `run` happens in all of them, what stands after it here alone. Default 1: in this process.
   */
  readonly processes?: number
}

/** @throws INVALID_ARGUMENT */
export function checkRunOptions({ until, accept = {} }: ApplicationRunOptions): void {
  if (until !== undefined && until !== 'end') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `until must be 'end', or left out to run until stopped; got ${JSON.stringify(until)}.`,
    )
  }
  checkChoices(accept)
}

/** Calls `stop` when the signal, or the system, says so. @returns what ends that */
export function hearStops(
  { signal, handleSignals = true }: ApplicationRunOptions,
  stop: () => void,
): () => void {
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  const signals = handleSignals ? (['SIGINT', 'SIGTERM'] as const) : []
  // Once: a second signal ends the process as it does without Millrace.
  for (const name of signals) process.once(name, stop)
  return () => {
    signal?.removeEventListener('abort', stop)
    for (const name of signals) process.off(name, stop)
  }
}
