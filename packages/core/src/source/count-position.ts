import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'

/**
 * A position that is a count in decimal digits; null is the beginning.
 * @throws FORMAT_UNKNOWN for other text, such as a position of another source.
 */
export function countPosition(position: string | null, source: string): number {
  if (position === null) return 0
  if (/^\d{1,15}$/.test(position)) return Number(position)
  throw new MillraceError(
    'FORMAT_UNKNOWN',
    `${source}: expected a position in digits, got ${describeValue(position)}. ` +
      'It was written by another source or a newer version.',
  )
}
