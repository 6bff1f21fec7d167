import type { ErrorCode } from '../errors.ts'

/** Thrown by the evaluation of one cell; `evaluate.ts` makes it a MillraceError with the record's place. */
export class RecordFault {
  readonly code: ErrorCode
  readonly message: string
  readonly cause: unknown

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    this.code = code
    this.message = message
    this.cause = cause
  }
}
