/** Which of the processes of an application this one is, as the one that started it has said. */
import type { Logger } from '../../runtime/logger.ts'

/** The environment variable that says it. */
const VARIABLE = 'MILLRACE_PROCESS'

export interface ProcessPlace {
  readonly applicationId: string
  /** From 0. A process that takes the place of one that died has its number. */
  readonly number: number
  readonly count: number
}

/** For the environment of a process that is started. */
export function environmentOf(place: ProcessPlace): Readonly<Record<string, string>> {
  return { [VARIABLE]: JSON.stringify(place) }
}

/** Null: nobody started this process for a place, or who did is no longer there. */
export function placeOfThisProcess(): ProcessPlace | null {
  const text = process.env[VARIABLE]
  return text === undefined || process.send === undefined ? null : JSON.parse(text)
}

/** Each line says in `process` which of several processes it is of. */
export function logOfProcess(log: Logger, of: ProcessPlace | null): Logger {
  if (of === null) return log
  const place = { process: of.number }
  return {
    debug: (details, message) => log.debug({ ...place, ...details }, message),
    info: (details, message) => log.info({ ...place, ...details }, message),
    warn: (details, message) => log.warn({ ...place, ...details }, message),
    error: (details, message) => log.error({ ...place, ...details }, message),
  }
}
