/**
 * The names of the files of a files sink.
 *
 *   visible  PREFIX task-S-P-epoch-EEEEEEEEEE-N .EXTENSION   out/task-0-3-epoch-0000000012-0.csv
 *   staged   FOLDER . BASE task-S-P . TOKEN . N .staged      out/.task-0-3.0a1b2c3d4e5f.7.staged
 *
 * A visible name says task, epoch and number of the file in its epoch, so that an epoch that is
 * finished again has the names it had; names of a task sort as they came. A staged file is hidden,
 * and has the token of the writer, so that one whose task was taken from it writes files that
 * nobody makes visible.
 */
import type { FilesReceipt } from '../record/format/files-receipt.ts'

const EPOCH_DIGITS = 10

/** Names that begin so are visible files of the task. */
export function visibleStem(prefix: string, task: string): string {
  return `${prefix}task-${task.replaceAll('/', '-')}-epoch-`
}

/** Names that begin so are staged files of the task. */
export function stagedStem(prefix: string, task: string): string {
  const slash = prefix.lastIndexOf('/') + 1
  const base = `${prefix.slice(slash)}task-${task.replaceAll('/', '-')}`
  return `${prefix.slice(0, slash)}.${base}.`
}

export function visibleName(
  { prefix, extension }: Pick<FilesReceipt, 'prefix' | 'extension'>,
  task: string,
  epoch: number,
  nth: number,
): string {
  const digits = String(epoch).padStart(EPOCH_DIGITS, '0')
  return `${visibleStem(prefix, task)}${digits}-${nth}.${extension}`
}

/** Every visible name of a later epoch is greater, those of this and earlier ones are not. */
export function behindEpoch(prefix: string, task: string, epoch: number): string {
  return epoch < 0
    ? ''
    : `${visibleStem(prefix, task)}${String(epoch).padStart(EPOCH_DIGITS, '0')}.`
}

/** @param number of the file, of all that its writer stages. */
export function stagedName(
  { prefix, token }: Pick<FilesReceipt, 'prefix' | 'token'>,
  task: string,
  number: number,
): string {
  return `${stagedStem(prefix, task)}${token}.${number}.staged`
}
