/**
 * A window whose result cannot be computed: the error that says which window of which group, and
 * the record that stands for it in a dead letter.
 *
 * There is no source record behind it: many were added up. So its key is the group key, its
 * timestamp the greatest event time in the window, and its value JSON that names window, group and
 * error.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { NO_HEADERS } from '../record/headers.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import { bounded } from '../schema/refusal.ts'
import { placedError } from './each-record.ts'
import { objectText, textOrWords } from './failed-record.ts'

export interface FailedWindow {
  readonly step: string
  readonly start: number
  readonly end: number
  /** Greatest event time in it. */
  readonly timestamp: number
  /** Bytes of the group key. */
  readonly key: Buffer
  /** The group columns; null = grouped by the record key. */
  readonly names: readonly string[] | null
  /** Of the row that would have come out, as far as it is known: of the group columns at least. */
  readonly cells: readonly CellValue[]
}

/** The error with its window and group in words. */
export function windowError(cause: unknown, failed: FailedWindow): MillraceError {
  const { step, start, end } = failed
  const error = placedError(cause, { step })
  const where = `It is the window from ${start} to ${end} of group ${bounded(groupText(failed))}.`
  const { code, text, retriable, place } = error
  return new MillraceError(code, `${text} ${where}`, { ...place, retriable, cause })
}

export function windowRecord(error: MillraceError, failed: FailedWindow): PlainRecord {
  const { start, end, key, timestamp } = failed
  const { code, text: message } = error
  const value = objectText(
    new Map([
      ['window', JSON.stringify({ start, end })],
      ['group', groupText(failed)],
      ['error', JSON.stringify({ code, message })],
    ]),
  )
  return { key, value: Buffer.from(value, 'utf8'), timestamp, headers: NO_HEADERS }
}

/** The group as JSON; a record key as text where it is text, else in base64. */
export function groupText({
  names,
  cells,
  key,
}: Pick<FailedWindow, 'names' | 'cells' | 'key'>): string {
  if (names !== null) {
    return objectText(
      new Map(names.map((name, i) => [name, textOrWords(cells[i] ?? null, name) ?? 'null'])),
    )
  }
  const text = key.toString('utf8')
  return JSON.stringify(Buffer.from(text, 'utf8').equals(key) ? text : key.toString('base64'))
}
