/**
 * What the processes of one application tell each other, over the channel of `child_process.fork`.
 *
 * The user's program may use the channel, too: what has no `millrace` is not ours.
 */
import { MillraceError } from '../../errors.ts'
import type { StateStats } from '../../state/state-backend.ts'
import type { ApplicationStatus } from '../status.ts'

export type ToldToChild =
  | { readonly millrace: 'stop' }
  | { readonly millrace: 'stats'; readonly call: number }

export type SaidByChild =
  | { readonly millrace: 'status'; readonly status: ApplicationStatus }
  | { readonly millrace: 'stats'; readonly call: number; readonly stats: StateStats | null }
  /** Its run has ended, in order where `error` is null. */
  | { readonly millrace: 'ended'; readonly error: SentError | null }

/** An error on its way to another process. */
export type SentError = Pick<MillraceError, 'place' | 'retriable' | 'text'> & {
  /** Null: not one of ours. */
  readonly code: MillraceError['code'] | null
  readonly stack: string | null
}

export function sentError(thrown: unknown): SentError {
  const stack = thrown instanceof Error ? (thrown.stack ?? null) : null
  if (MillraceError.is(thrown)) {
    const { code, place, retriable, text } = thrown
    return { code, place, retriable, text, stack }
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: null, place: {}, retriable: false, text, stack }
}

/** The same error here; its cause has the stack it had there. */
export function receivedError({ code, text, place, retriable, stack }: SentError): Error {
  const cause = new Error(text)
  if (stack !== null) cause.stack = stack
  if (code === null) return new Error(text, { cause })
  return new MillraceError(code, text, { ...place, retriable, cause })
}
