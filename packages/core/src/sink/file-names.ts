/**
 * The names of the files of a files sink.
 *
 *   visible  PREFIX task-S-P-epoch-EEEEEEEEEE-N .EXTENSION   out/task-0-3-epoch-0000000012-0.csv
 *                                                 with folders out/day=2026-01-01/task-0-3-…
 *   staged   FOLDER . BASE task-S-P . SSSSSSSSSS . TOKEN . N .staged
 *                                                 out/.task-0-3.0000000012.0a1b2c3d4e5f.7.staged
 *
 * A visible name says task, epoch and number of the file in its epoch, so that an epoch that is
 * finished again has the names it had; names of a task sort as they came. A staged file is hidden,
 * and has the token of the writer, so that one whose task was taken from it writes files that
 * nobody makes visible.
 *
 * S (since) is the first epoch that the file can belong to: the one after the last its writer knew.
 * It is known when the file is begun, before its epoch has a number. Once epoch S is committed, a
 * staged file with this S belongs to it or to nobody: a writer that did not commit S has lost the
 * task. So whoever knows of epoch E removes those with S up to E, and never one of an owner that
 * has got further.
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

/** @param folder of the file, with its slash: the folder of the prefix has it. */
export function visibleName(
  { prefix, extension }: Pick<FilesReceipt, 'prefix' | 'extension'>,
  task: string,
  { epoch, nth, folder = '' }: { epoch: number; nth: number; folder?: string | undefined },
): string {
  const slash = prefix.lastIndexOf('/') + 1
  const stem = visibleStem(prefix.slice(slash), task)
  return `${prefix.slice(0, slash)}${folder}${stem}${digits(epoch)}-${nth}.${extension}`
}

/** @param number of the file, of all that its writer stages. */
export function stagedName(
  { prefix, token, since }: Pick<FilesReceipt, 'prefix' | 'token' | 'since'>,
  task: string,
  number: number,
): string {
  return `${stagedStem(prefix, task)}${digits(since)}.${token}.${number}.staged`
}

/** Staged names whose first epoch is at most this one are smaller, the others are not. */
export function stagedBorder(prefix: string, task: string, epoch: number): string {
  return `${stagedStem(prefix, task)}${digits(epoch + 1)}`
}

/** Of a staged name that begins with the stem. */
export function partsOfStaged(
  name: string,
  stem: string,
): { readonly since: number; readonly token: string } {
  const [since = '', token = ''] = name.slice(stem.length).split('.')
  return { since: Number(since), token }
}

function digits(epoch: number): string {
  return String(epoch).padStart(EPOCH_DIGITS, '0')
}
