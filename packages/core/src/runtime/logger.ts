/** The logger Millrace writes to; `pino` loggers fit. */
export interface Logger {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Logs nothing. */
export const SILENT: Logger = Object.freeze({ debug() {}, info() {}, warn() {}, error() {} })
