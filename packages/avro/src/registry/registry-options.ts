/**
 * What a registry is told when it is made, checked there, at the user's line. Secrets stay in
 * closures of `registry-auth.ts`: nothing that is printed holds them.
 */
import { createSecureContext } from 'node:tls'
import { bounded, MillraceError } from '@millrace/core'
import { checkContext } from './subject.ts'

export interface BasicAuth {
  readonly username: string
  readonly password: string
}

export interface BearerAuth {
  /** A token, or a function that is asked before each request and may keep what it has. */
  readonly token: string | (() => string | Promise<string>)
  /** Sent as `target-sr-cluster`; Confluent Cloud wants it. */
  readonly logicalCluster?: string
  /** Sent as `Confluent-Identity-Pool-Id`. */
  readonly identityPoolId?: string
}

/** Client credentials of OAuth 2. */
export interface OAuthAuth {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string
  readonly logicalCluster?: string
  readonly identityPoolId?: string
}

export type RegistryAuth =
  | { readonly basic: BasicAuth }
  | { readonly bearer: BearerAuth }
  | { readonly oauth: OAuthAuth }

/** In PEM, as `node:tls` takes them. */
export interface RegistryTls {
  /** Authorities that the registry's certificate may be of; default those that Node knows. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[]
  /** Of this client, for registries that ask for one, with its `key`. */
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  /** Of `key`. */
  readonly passphrase?: string
  /** The name that the certificate must have; default the host of the URL. */
  readonly serverName?: string
}

export interface RegistryOptions {
  /** One after the other until one answers; the last that did is asked first. */
  readonly urls: string | readonly string[]
  readonly auth?: RegistryAuth
  readonly tls?: RegistryTls
  /** Subjects that name no context are in this one: `.team-a`. */
  readonly context?: string
  /** Time for one whole answer; default 10 s. */
  readonly timeoutMs?: number
  /** So many times all URLs are tried again; default 3. */
  readonly retries?: number
  /** Wait before the first of these; doubles, with some chance in it. Default 100 ms. */
  readonly retryWaitMs?: number
  /** The longest such wait; default 5 s. */
  readonly retryWaitMsMax?: number
  /** The largest answer; default 8 MiB. */
  readonly responseBytesMax?: number
  /** Schemas kept in memory, the least used go first; default 1,000. */
  readonly cacheEntriesMax?: number
  /** Bytes of text of these schemas; default 64 MiB. */
  readonly cacheBytesMax?: number
  /** So long the latest version of a subject is taken from memory; default 60 s. */
  readonly latestExpiryMs?: number
  /** So long an id or a subject that is not there is not asked for again; default 5 s. */
  readonly missExpiryMs?: number
}

export interface RegistrySettings {
  /** Without credentials, and without a slash at the end. */
  readonly urls: readonly URL[]
  /** From a URL, else from `auth`. */
  readonly auth: RegistryAuth | null
  readonly tls: RegistryTls
  readonly context: string
  readonly timeoutMs: number
  readonly retries: number
  readonly retryWaitMs: number
  readonly retryWaitMsMax: number
  readonly responseBytesMax: number
  readonly cacheEntriesMax: number
  readonly cacheBytesMax: number
  readonly latestExpiryMs: number
  readonly missExpiryMs: number
}

const MEBIBYTE = 1024 * 1024

const NUMBERS = {
  timeoutMs: [1, 10_000],
  retries: [0, 3],
  retryWaitMs: [0, 100],
  retryWaitMsMax: [0, 5_000],
  responseBytesMax: [1, 8 * MEBIBYTE],
  cacheEntriesMax: [1, 1_000],
  cacheBytesMax: [1, 64 * MEBIBYTE],
  latestExpiryMs: [0, 60_000],
  missExpiryMs: [0, 5_000],
} as const

type NumberName = keyof typeof NUMBERS

/** @throws INVALID_ARGUMENT */
export function registrySettings(options: RegistryOptions): RegistrySettings {
  const given = typeof options.urls === 'string' ? [options.urls] : options.urls
  if (!Array.isArray(given) || given.length === 0) {
    throw invalid('a registry needs at least one URL, for example "http://localhost:8081".')
  }
  const parsed = given.map(parseUrl)
  const auth = options.auth ?? parsed.find(url => url.auth !== null)?.auth ?? null
  if (auth !== null) checkAuth(auth)
  if (options.tls !== undefined) checkTls(options.tls)
  const numbers = Object.fromEntries(
    (Object.keys(NUMBERS) as NumberName[]).map(name => [name, numberOf(name, options[name])]),
  ) as Record<NumberName, number>
  return {
    ...numbers,
    urls: parsed.map(({ url }) => url),
    auth,
    tls: options.tls ?? {},
    context: options.context === undefined ? '.' : checkContext(options.context),
  }
}

/** The text of a bad URL is not repeated: it may hold a password. */
function parseUrl(text: string, nth: number): { url: URL; auth: RegistryAuth | null } {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(`URL ${nth + 1} of the registry is no http:// or https:// URL.`)
  }
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.search = ''
  url.hash = ''
  url.pathname = url.pathname.replace(/\/+$/, '')
  if (username === '') return { url, auth: null }
  const basic = { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  return { url, auth: { basic } }
}

function checkAuth(auth: RegistryAuth): void {
  const kinds = Object.keys(auth)
  if (kinds.length !== 1) {
    throw invalid(`auth is one of basic, bearer and oauth; got ${kinds.join(', ') || 'none'}.`)
  }
  if ('basic' in auth) {
    checkTexts('auth.basic', auth.basic, ['username', 'password'])
  } else if ('oauth' in auth) {
    checkTexts('auth.oauth', auth.oauth, ['tokenUrl', 'clientId', 'clientSecret'])
    parseUrl(auth.oauth.tokenUrl, 0)
  } else if (typeof auth.bearer?.token !== 'function') {
    checkTexts('auth.bearer', auth.bearer, ['token'])
  }
}

/** What OpenSSL says of a key is no part of it. */
function checkTls({ ca, cert, key, passphrase }: RegistryTls): void {
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'cert' : 'key'
    throw invalid(`tls of a registry has cert and key, or neither; ${missing} is missing.`)
  }
  try {
    createSecureContext({ ca: ca as string, cert, key, passphrase })
  } catch (error) {
    const why = bounded(error instanceof Error ? error.message : String(error))
    throw invalid(`tls of a registry cannot be used: ${why}. Give ca, cert and key as PEM.`)
  }
}

function checkTexts<T extends object>(path: string, of: T, names: readonly (keyof T & string)[]) {
  for (const name of names) {
    if (typeof of[name] !== 'string' || of[name] === '')
      throw invalid(`${path}.${name} is missing.`)
  }
}

function numberOf(name: NumberName, value: number | undefined): number {
  const [min, usual] = NUMBERS[name]
  if (value === undefined) return usual
  if (Number.isSafeInteger(value) && value >= min) return value
  throw invalid(`${name} of a registry is a whole number of at least ${min}; got ${String(value)}.`)
}

function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', text)
}
