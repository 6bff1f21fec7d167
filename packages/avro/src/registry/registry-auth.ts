/**
 * Headers that say who asks: basic, a token, or a token that is fetched with client credentials
 * (OAuth 2) and kept until shortly before it ends. Secrets stay in closures: whoever prints a
 * registry finds none, and no error repeats them.
 */
import type { Agent as PlainAgent } from 'node:http'
import type { Agent } from 'node:https'
import { MillraceError } from '@millrace/core'
import { HttpFailure, HttpTooLarge, httpRequest } from './http-request.ts'
import type { OAuthAuth, RegistryAuth } from './registry-options.ts'

export interface AuthHeaders {
  /**
   * @throws REGISTRY_REFUSED when the token server refuses, REGISTRY_UNREACHABLE when it is away.
   */
  headers(): Promise<Readonly<Record<string, string>>>
  /** The token was refused: whether another one can be had. */
  renew(): boolean
}

export interface AuthParts {
  readonly auth: RegistryAuth | null
  readonly agentOf: (url: URL) => Agent | PlainAgent
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly now: () => number
}

const TOKEN_BYTES_MAX = 256 * 1024
/** Where the token server does not say how long a token holds. */
const TOKEN_SECONDS = 300
/** A token is renewed when this part of its life is over. */
const RENEW_AT = 0.8

export function authHeaders(parts: AuthParts): AuthHeaders {
  const { auth } = parts
  if (auth === null) return { headers: async () => ({}), renew: () => false }
  if ('basic' in auth) {
    const { username, password } = auth.basic
    const credentials = Buffer.from(`${username}:${password}`).toString('base64')
    return { headers: async () => ({ authorization: `Basic ${credentials}` }), renew: () => false }
  }
  if ('bearer' in auth) {
    const { token } = auth.bearer
    const others = confluentHeaders(auth.bearer)
    const headers = async () => {
      const text = typeof token === 'string' ? token : await token()
      return { authorization: `Bearer ${text}`, ...others }
    }
    return { headers, renew: () => typeof token !== 'string' }
  }
  return oauthHeaders(auth.oauth, parts)
}

function oauthHeaders(oauth: OAuthAuth, parts: AuthParts): AuthHeaders {
  const others = confluentHeaders(oauth)
  let current: { readonly token: Promise<string>; renewAt: number } | null = null
  return {
    headers: async () => {
      if (current === null || parts.now() >= current.renewAt) {
        // Whoever comes meanwhile waits for the same token.
        const kept = { token: Promise.resolve(''), renewAt: Number.POSITIVE_INFINITY }
        kept.token = fetchToken(oauth, parts).then(({ token, seconds }) => {
          kept.renewAt = parts.now() + seconds * 1000 * RENEW_AT
          return token
        })
        kept.token.catch(() => {
          if (current === kept) current = null
        })
        current = kept
      }
      return { authorization: `Bearer ${await current.token}`, ...others }
    },
    renew: () => {
      current = null
      return true
    },
  }
}

async function fetchToken(
  { tokenUrl, clientId, clientSecret, scope }: OAuthAuth,
  { agentOf, timeoutMs, signal }: AuthParts,
): Promise<{ token: string; seconds: number }> {
  const url = new URL(tokenUrl)
  const where = `the token server ${url.host}`
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    ...(scope !== undefined && { scope }),
  })
  const answer = await httpRequest({
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
    agent: agentOf(url),
    timeoutMs,
    bytesMax: TOKEN_BYTES_MAX,
    signal,
  }).catch((error: unknown) => {
    if (!(error instanceof HttpFailure || error instanceof HttpTooLarge)) throw error
    throw new MillraceError(
      'REGISTRY_UNREACHABLE',
      `${where} gave no token: ${error.message}. Check auth.oauth.tokenUrl.`,
      { retriable: true },
    )
  })
  const token = tokenOf(answer.text)
  if (answer.status === 200 && token !== null) return token
  // What it says is not repeated: it may hold what was sent.
  throw new MillraceError(
    'REGISTRY_REFUSED',
    `${where} gave no token: status ${answer.status}. ` +
      'Check auth.oauth: clientId, clientSecret, scope.',
    { retriable: answer.status >= 500 },
  )
}

function tokenOf(text: string): { token: string; seconds: number } | null {
  try {
    const { access_token: token, expires_in: seconds } = JSON.parse(text)
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return null
    return { token, seconds: typeof seconds === 'number' && seconds > 0 ? seconds : TOKEN_SECONDS }
  } catch {
    return null
  }
}

function confluentHeaders(of: {
  readonly logicalCluster?: string
  readonly identityPoolId?: string
}): Record<string, string> {
  return {
    ...(of.logicalCluster !== undefined && { 'target-sr-cluster': of.logicalCluster }),
    ...(of.identityPoolId !== undefined && { 'Confluent-Identity-Pool-Id': of.identityPoolId }),
  }
}
