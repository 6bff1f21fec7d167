import { MillraceError } from '../errors.ts'

/**
 * A length of time: milliseconds, or a number with a unit: `'500ms'`, `'10s'`, `'5m'`, `'1h'`,
 * `'1d'`.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }

/**
 * A duration as whole milliseconds.
 * @throws INVALID_ARGUMENT when it is negative, not whole milliseconds, or has no known unit.
 */
export function durationMs(duration: Duration, name: string): number {
  const ms = typeof duration === 'number' ? duration : parse(String(duration))
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} must be whole milliseconds >= 0 or text such as '500ms', '10s', '5m', '1h', '1d'; ` +
        `got ${JSON.stringify(duration) ?? String(duration)}.`,
    )
  }
  return ms
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  if (match === null) return Number.NaN
  return Math.round(Number(match[1]) * (UNIT_MS[match[2] as string] as number) * 1e6) / 1e6
}
