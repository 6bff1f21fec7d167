/**
 * What a service, or the way to it, answers, as an error of Millrace. It may pass where the service
 * is away, slow or busy; else somebody has to do something.
 */
import { MillraceError } from '@millrace/core'

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Create the bucket, or name another one',
  AccessDenied:
    'The credentials need s3:GetObject, s3:PutObject and s3:DeleteObject on the objects, and ' +
    's3:ListBucket on the bucket',
  InvalidAccessKeyId: 'Check the credentials of the client',
  SignatureDoesNotMatch: 'Check the credentials of the client',
  ExpiredToken: 'Give the client credentials that it can renew',
  CredentialsProviderError: 'Give the client credentials: new S3Client({ credentials }), or AWS_…',
  PermanentRedirect: 'The bucket is in another region: new S3Client({ region })',
  AuthorizationHeaderMalformed: 'The bucket is in another region: new S3Client({ region })',
}
const MAY_PASS = 'The service or the way to it is out of order; it may pass'
const FORBIDDEN = 403
const NOT_FOUND = 404
const TOO_MANY_REQUESTS = 429
const SERVER_FAULT = 500

/** HTTP status of an answer; undefined: there was none. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } }
  return $metadata?.httpStatusCode
}

/** An object is not there; a bucket that is not there is something else, where the service says. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === NOT_FOUND && nameOf(error) !== 'NoSuchBucket'
}

interface Call {
  readonly what: string
  readonly store: string
  /** It was given up after so long; null: it was not. */
  readonly tookMs: number | null
}

export function s3Error(error: unknown, { what, store, tookMs }: Call): MillraceError {
  if (MillraceError.is(error)) return error
  const status = statusOf(error)
  const name =
    status === FORBIDDEN && !(nameOf(error) in WHAT_TO_DO) ? 'AccessDenied' : nameOf(error)
  const known = WHAT_TO_DO[name]
  const retriable = tookMs !== null || (known === undefined && mayPass(status))
  const text = tookMs === null ? `${name}: ${messageOf(error)}` : `no answer within ${tookMs} ms`
  const advice = known ?? (retriable ? MAY_PASS : 'Check the bucket and the settings of the client')
  return new MillraceError(
    'OBJECT_STORE_FAILED',
    `cannot ${what} in ${store}: ${text}. ${advice}.`,
    {
      retriable,
      cause: error,
    },
  )
}

/** No answer is trouble of the way. */
function mayPass(status: number | undefined): boolean {
  return status === undefined || status >= SERVER_FAULT || status === TOO_MANY_REQUESTS
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error'
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/[\s.]+$/, '')
}
