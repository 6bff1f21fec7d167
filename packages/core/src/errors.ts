/**
 * The one root of all errors, and the closed list of their codes.
 *
 * Three kinds, told apart by `kind`: a mistake of the user (thrown while building, at the user's
 * line), trouble of the world (the broker, a record, a disk: goes to a policy or stops the run),
 * and a bug of ours (`assert`). `docs/errors.md` has a heading per code.
 */

export const ERROR_CODES = [
  'UNKNOWN_COLUMN',
  'DUPLICATE_COLUMN',
  'TYPE_MISMATCH',
  'INVALID_ARGUMENT',
  'INVALID_PLAN',
  'SCHEMA_MISMATCH',
  'KEY_MISMATCH',
  'DECODE_FAILED',
  'ENCODE_FAILED',
  'NULL_KEY',
  'OVERFLOW',
  'TIMESTAMP_UNIT',
  'FUNCTION_FAILED',
  'SINK_FAILED',
  'SOURCE_FAILED',
  'LOOKUP_FAILED',
  'OBJECT_STORE_FAILED',
  'OBJECT_MISSING',
  'TOPIC_MISSING',
  'TOPIC_MISCONFIGURED',
  'PARTITIONS_CHANGED',
  'PLAN_CHANGED',
  'STATE_LOST',
  'OFFSETS_MOVED',
  'SOURCE_CHANGED',
  'BROKER_UNREACHABLE',
  'BROKER_REFUSED',
  'REGISTRY_UNREACHABLE',
  'REGISTRY_REFUSED',
  'REGISTRY_ANSWER_INVALID',
  'SCHEMA_MISSING',
  'SCHEMA_INCOMPATIBLE',
  'PORT_IN_USE',
  'PROCESS_FAILED',
  'EMBEDDED_BROKER_FULL',
  'NOT_SUPPORTED',
  'DELIVERY_FAILED',
  'FENCED',
  'OFFSET_OUT_OF_RANGE',
  'LOG_CORRUPT',
  'FORMAT_UNKNOWN',
  'NATIVE_CLIENT_MISSING',
  'STATE_CLOSED',
  'STATE_UNUSABLE',
  'STATE_LOCKED',
  'STATE_CORRUPT',
  'STATE_TOO_LARGE',
  'INTERNAL',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Codes thrown at the line where the user wrote the mistake. */
const MISTAKES: ReadonlySet<ErrorCode> = new Set([
  'UNKNOWN_COLUMN',
  'DUPLICATE_COLUMN',
  'TYPE_MISMATCH',
  'INVALID_ARGUMENT',
  'INVALID_PLAN',
  'SCHEMA_MISMATCH',
  'NOT_SUPPORTED',
])

/** Where something went wrong; every part is optional, what is known is given. */
export interface ErrorPlace {
  /** The user's step, for example `filter#3`. */
  readonly step?: string | undefined
  readonly topic?: string | undefined
  readonly partition?: number | undefined
  readonly offset?: number | undefined
  /** Column or field path. */
  readonly field?: string | undefined
}

export interface ErrorDetails extends ErrorPlace {
  readonly cause?: unknown
  /** True when the same call may succeed later. Default false. */
  readonly retriable?: boolean
}

const BRAND: unique symbol = Symbol.for('@millrace/error') as never

/**
 * An error of Millrace. `code` says what kind, `message` says what, where, expected and got, and
 * what to do. `MillraceError.is(e)` also recognises errors of another copy of the package.
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  readonly code: ErrorCode
  readonly retriable: boolean
  readonly place: ErrorPlace
  /** The message without code and place. */
  readonly text: string

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, retriable = false, ...place } = details
    super(`${code}: ${message}${placeText(place)}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.text = message
    this.retriable = retriable
    this.place = place
    Object.defineProperty(this, BRAND, { value: true })
    if (MISTAKES.has(code)) dropInternalFrames(this)
  }

  /** The same error with more of its place known; what was known stays. */
  at(place: ErrorPlace): MillraceError {
    const { code, text, retriable, cause } = this
    const known = Object.fromEntries(Object.entries(this.place).filter(([, v]) => v !== undefined))
    return new MillraceError(code, text, { ...place, ...known, retriable, cause })
  }

  static is(value: unknown): value is MillraceError {
    return typeof value === 'object' && value !== null && BRAND in value
  }
}

function placeText(place: ErrorPlace): string {
  const parts: string[] = []
  if (place.step !== undefined) parts.push(`step ${place.step}`)
  if (place.topic !== undefined) {
    const partition = place.partition === undefined ? '' : `/${place.partition}`
    const offset = place.offset === undefined ? '' : ` offset ${place.offset}`
    parts.push(`topic ${place.topic}${partition}${offset}`)
  }
  if (place.field !== undefined) parts.push(`column ${JSON.stringify(place.field)}`)
  return parts.length === 0 ? '' : ` (at ${parts.join(', ')})`
}

const HERE = new URL('.', import.meta.url).href
const HERE_PATH = decodeURIComponent(new URL('.', import.meta.url).pathname)

/**
 * Frames taken before ours are dropped: a mistake deep in an expression is found far below the
 * user's line.
 */
const FRAMES_TAKEN = 60

/**
 * Makes the user's line the first frame of the stack, so that a mistake is shown where it was
 * written.
 */
function dropInternalFrames(error: Error): void {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES_TAKEN
  Error.captureStackTrace(error, dropInternalFrames)
  Error.stackTraceLimit = limit
  const stack = error.stack
  if (stack === undefined) return
  const frameAt = stack.indexOf('\n    at ')
  if (frameAt < 0) return
  const frames = stack.slice(frameAt + 1).split('\n')
  const first = frames.findIndex(frame => !isInternal(frame))
  const shown = frames.slice(Math.max(first, 0), Math.max(first, 0) + limit)
  error.stack = `${stack.slice(0, frameAt)}\n${shown.join('\n')}`
}

function isInternal(frame: string): boolean {
  if (frame.includes('.test.')) return false
  return frame.includes(HERE) || frame.includes(HERE_PATH) || frame.includes('<anonymous>')
}
