/**
 * A timer whose function throws: the error that says which timer of which key, and the record that
 * stands for it in a dead letter. No source record is behind it, so its key is that of the group,
 * and its value JSON that names timer, group and error.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import { NO_HEADERS } from '../record/headers.ts'
import type { PlainRecord } from '../record/plain-record.ts'
import { bounded } from '../schema/refusal.ts'
import type { Timer } from '../state/process-context.ts'
import { placedError } from './each-record.ts'
import { objectText } from './failed-record.ts'
import { groupText } from './window-failure.ts'

export interface FailedTimer {
  readonly step: string
  readonly timer: Timer
  /** Of the rows it would have given out. */
  readonly timestamp: number
  /** Bytes of the group key. */
  readonly key: Buffer
  /** The group columns; null = keyed by the record key. */
  readonly names: readonly string[] | null
  readonly cells: readonly CellValue[]
}

/** The error with its timer and group in words. */
export function timerError(cause: unknown, failed: FailedTimer): MillraceError {
  const { step, timer } = failed
  const { code, text, retriable, place } = placedError(cause, { step })
  const name = JSON.stringify(bounded(timer.name))
  const where = `It is the timer ${name} of ${timer.at} of group ${bounded(groupText(failed))}.`
  return new MillraceError(code, `${text} ${where}`, { ...place, retriable, cause })
}

export function timerRecord(error: MillraceError, failed: FailedTimer): PlainRecord {
  const { timer, key, timestamp } = failed
  const { code, text: message } = error
  const value = objectText(
    new Map([
      ['timer', JSON.stringify(timer)],
      ['group', groupText(failed)],
      ['error', JSON.stringify({ code, message })],
    ]),
  )
  return { key, value: Buffer.from(value, 'utf8'), timestamp, headers: NO_HEADERS }
}
