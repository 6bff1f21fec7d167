/**
 * The headers of a dead letter that say what happened to the record and where it was read.
 *
 * They stand behind the record's own headers, as UTF-8 text under names of one prefix. A record
 * that becomes a dead letter again (it was replayed with its headers and failed again) loses the
 * old ones, so they never pile up. Every text is cut at a bound: together they are less than 3 KiB.
 */
import type { ErrorPlace, MillraceError } from '../../errors.ts'
import type { Header, Headers } from '../headers.ts'

/** Why a record became a dead letter; what was not known is null. */
export interface DeadLetterInfo {
  /** Id of the application that wrote it. */
  readonly application: string | null
  /** A code of docs/errors.md. */
  readonly code: string
  /** What went wrong and what to do, without code and place; cut at 1,024 bytes. */
  readonly message: string
  /** The step that failed; null where the record could not be decoded. */
  readonly step: string | null
  /** Where the record was read; null for what was made on the way, as results of windows are. */
  readonly topic: string | null
  readonly partition: number | null
  readonly offset: number | null
  /** The column that was wrong. */
  readonly field: string | null
}

/** All headers of a dead letter begin so. */
export const DEAD_LETTER_PREFIX = 'millrace.error.'

const MESSAGE_BYTES_MAX = 1_024
const NAME_BYTES_MAX = 256
const WHOLE = /^\d{1,16}$/

/** The record's own headers, and behind them what happened to it. */
export function deadLetterHeaders(
  own: Headers,
  error: MillraceError,
  application: string,
): Headers {
  const { step, topic, partition, offset, field } = positioned(error.place)
  const parts: readonly (readonly [string, string | number | undefined, number])[] = [
    ['application', application, NAME_BYTES_MAX],
    ['code', error.code, NAME_BYTES_MAX],
    ['message', error.text, MESSAGE_BYTES_MAX],
    ['step', step, NAME_BYTES_MAX],
    ['topic', topic, NAME_BYTES_MAX],
    ['partition', partition, NAME_BYTES_MAX],
    ['offset', offset, NAME_BYTES_MAX],
    ['field', field, NAME_BYTES_MAX],
  ]
  const ours = parts.flatMap(([name, text, bytesMax]): Header[] =>
    text === undefined
      ? []
      : [{ name: DEAD_LETTER_PREFIX + name, value: utf8(String(text), bytesMax) }],
  )
  return [...own.filter(({ name }) => !name.startsWith(DEAD_LETTER_PREFIX)), ...ours]
}

/**
 * What a dead letter says of itself; null for a record that is none.
 *
 * @example
 * deadLetterInfo([{ name: 'millrace.error.code', value: Buffer.from('OVERFLOW') }])?.code
 * // => 'OVERFLOW'
 */
export function deadLetterInfo(headers: Headers): DeadLetterInfo | null {
  const texts = new Map<string, string>()
  for (const { name, value } of headers) {
    if (value === null || !name.startsWith(DEAD_LETTER_PREFIX)) continue
    texts.set(name.slice(DEAD_LETTER_PREFIX.length), Buffer.from(value).toString('utf8'))
  }
  const text = (name: string): string | null => texts.get(name) ?? null
  const whole = (name: string): number | null => {
    const digits = texts.get(name) ?? ''
    return WHOLE.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : null
  }
  const code = text('code')
  if (code === null) return null
  return {
    application: text('application'),
    code,
    message: text('message') ?? '',
    step: text('step'),
    topic: text('topic'),
    partition: whole('partition'),
    offset: whole('offset'),
    field: text('field'),
  }
}

/** What was made on the way has no offset, and so no position at all. */
function positioned(place: ErrorPlace): ErrorPlace {
  return place.offset === undefined ? { step: place.step, field: place.field } : place
}

/** Cut between two characters. */
function utf8(text: string, bytesMax: number): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= bytesMax) return bytes
  let end = bytesMax
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}
