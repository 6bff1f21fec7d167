import { MillraceError } from '../errors.ts'

/** Stops on a broken invariant of ours; the message names the invariant. Always on. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) {
    throw new MillraceError(
      'INTERNAL',
      `invariant broken: ${invariant}. This is a bug of Millrace; please report it with this ` +
        'stack.',
    )
  }
}
