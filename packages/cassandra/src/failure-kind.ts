/**
 * What an error of the driver means for a request: `retry`, it may go through later; `refused`, the
 * server will never take it as it is; `fatal`, nothing of this application will go through before
 * somebody acts.
 *
 * A time-out tells nothing of what became of the request, so it is `retry` only because all that is
 * sent here may be sent twice; what may not (`isRepeatable` of the dispatcher) is told apart there.
 */
import { errors, types } from 'cassandra-driver'

export type FailureKind = 'retry' | 'refused' | 'fatal'

const CODES = types.responseErrorCodes
/** Of protocol version 5; the driver has no names for them. */
const CAS_WRITE_UNKNOWN = 0x1700
const CDC_WRITE_FAILURE = 0x1600

const RETRIED: ReadonlySet<number> = new Set([
  CODES.serverError,
  CODES.unavailableException,
  CODES.overloaded,
  CODES.isBootstrapping,
  CODES.truncateError,
  CODES.writeTimeout,
  CODES.readTimeout,
  CODES.readFailure,
  CODES.writeFailure,
  CODES.unprepared,
  CAS_WRITE_UNKNOWN,
  CDC_WRITE_FAILURE,
])
const REFUSED: ReadonlySet<number> = new Set([
  CODES.invalid,
  CODES.syntaxError,
  CODES.functionFailure,
  CODES.configError,
  CODES.protocolError,
  CODES.clientWriteFailure,
])
const OVERLOADED: ReadonlySet<number> = new Set([
  CODES.overloaded,
  CODES.writeTimeout,
  CODES.unavailableException,
])

export function failureKind(error: unknown): FailureKind {
  if (error instanceof errors.ResponseError) {
    if (RETRIED.has(error.code)) return 'retry'
    return REFUSED.has(error.code) ? 'refused' : 'fatal'
  }
  if (error instanceof errors.AuthenticationError) return 'fatal'
  if (error instanceof errors.NoHostAvailableError) return isLogin(error) ? 'fatal' : 'retry'
  const isPassing =
    error instanceof errors.OperationTimedOutError ||
    error instanceof errors.BusyConnectionError ||
    hasSystemCode(error)
  if (isPassing) return 'retry'
  return error instanceof TypeError || error instanceof RangeError ? 'refused' : 'fatal'
}

/** Fewer requests at once would help. */
export function isOverload(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return OVERLOADED.has(error.code)
  return (
    error instanceof errors.OperationTimedOutError || error instanceof errors.BusyConnectionError
  )
}

/**
 * A node does not know a statement any more, nor could the driver prepare it again: the table may
 * have been changed so that it fits no more.
 */
export function isForgotten(error: unknown): boolean {
  return (
    error instanceof errors.NoHostAvailableError &&
    innerErrors(error).some(
      each => each instanceof errors.ResponseError && each.code === CODES.unprepared,
    )
  )
}

/** In one line, with what each node said where there were several. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = (error as { innerErrors?: Record<string, unknown> }).innerErrors
  if (!(error instanceof errors.NoHostAvailableError) || inner === undefined) return error.message
  const parts = Object.entries(inner).map(
    ([host, why]) => `${host}: ${why instanceof Error ? why.message : String(why)}`,
  )
  if (parts.length === 0) return 'no node answers, and none is known to be up'
  return `no node answers (${parts.slice(0, 5).join('; ')})`
}

/** Every node that was asked refused the login. */
function isLogin(error: Error): boolean {
  const inner = innerErrors(error)
  return inner.length > 0 && inner.every(each => each instanceof errors.AuthenticationError)
}

/** What each node said. */
function innerErrors(error: Error): readonly unknown[] {
  return Object.values((error as { innerErrors?: Record<string, unknown> }).innerErrors ?? {})
}

function hasSystemCode(error: unknown): boolean {
  const { code, isSocketError } = Object(error) as { code?: unknown; isSocketError?: unknown }
  return isSocketError === true || (typeof code === 'string' && /^E[A-Z]+$/.test(code))
}
