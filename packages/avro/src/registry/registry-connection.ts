/**
 * Asks a registry that has several URLs: failover, retries, refusals.
 *
 *   round 0:  preferred URL → next → …          each once, until one answers
 *   wait, twice as long each time, not at one beat with other processes
 *   round 1 … `retries`, then REGISTRY_UNREACHABLE with what each URL did last
 *
 * Connection trouble, no answer in time, 408, 429 and 5xx are trouble of that URL; all else is an
 * answer. The URL that answered is asked first from then on. What a registry says is repeated in
 * errors shortened, without the credentials that were sent, and not at all when it refuses them.
 */
import { Agent as PlainAgent } from 'node:http'
import { Agent } from 'node:https'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { MillraceError } from '@millrace/core'
import { type HttpAnswer, HttpFailure, HttpTooLarge, httpRequest } from './http-request.ts'
import { type AuthHeaders, authHeaders } from './registry-auth.ts'
import type { RegistrySettings } from './registry-options.ts'

export interface RegistryCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Begins with a slash; encoded. */
  readonly path: string
  readonly body?: unknown
}

export interface RegistryReply {
  readonly status: number
  /** What the registry says; undefined for an empty body. */
  readonly json: unknown
  /** Of an error: the registry's own words and code, shortened. */
  readonly message: string
  readonly errorCode: number | undefined
}

/** Moved by tests. */
export interface RegistryTime {
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
  random(): number
}

const REAL_TIME: RegistryTime = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleepFor(ms, undefined, { signal, ref: true }),
  random: () => Math.random(),
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'
const MESSAGE_LENGTH_MAX = 300
const SOCKETS_MAX = 8

export class RegistryConnection {
  readonly time: RegistryTime
  readonly #settings: RegistrySettings
  readonly #agents: { readonly plain: PlainAgent; readonly tls: Agent }
  readonly #auth: AuthHeaders
  readonly #closing = new AbortController()
  #preferred = 0

  constructor(settings: RegistrySettings, time: RegistryTime = REAL_TIME) {
    const { ca, cert, key, passphrase, serverName } = settings.tls
    const common = { keepAlive: true, maxSockets: SOCKETS_MAX }
    this.time = time
    this.#settings = settings
    this.#agents = {
      plain: new PlainAgent(common),
      tls: new Agent({
        ...common,
        ...(ca !== undefined && { ca: ca as string }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(passphrase !== undefined && { passphrase }),
        ...(serverName !== undefined && { servername: serverName }),
      }),
    }
    this.#auth = authHeaders({
      auth: settings.auth,
      agentOf: url => this.#agentOf(url),
      timeoutMs: settings.timeoutMs,
      signal: this.#closing.signal,
      now: () => time.now(),
    })
  }

  /** For messages: the URLs, without credentials. */
  get name(): string {
    return this.#settings.urls.map(shown).join(', ')
  }

  /**
   * The answer, also when it is 404, 409 or 422.
   * @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED (401, 403), REGISTRY_ANSWER_INVALID
   */
  async ask(call: RegistryCall): Promise<RegistryReply> {
    const { urls, retries } = this.#settings
    const failures = urls.map(() => '')
    for (let round = 0; ; round++) {
      let wanted = 0
      for (let nth = 0; nth < urls.length; nth++) {
        const index = (this.#preferred + nth) % urls.length
        const answer = await this.#attempt(urls[index]!, call)
        if (typeof answer === 'string') {
          failures[index] = answer
          continue
        }
        if (isTrouble(answer.status)) {
          failures[index] = `status ${answer.status}`
          wanted = Math.max(wanted, answer.retryAfterMs ?? 0)
          continue
        }
        this.#preferred = index
        return this.#reply(urls[index]!, answer)
      }
      if (round === retries) throw this.#unreachable(failures)
      await this.#pause(round, wanted)
    }
  }

  /** Ends what is under way. Idempotent. */
  close(): void {
    this.#closing.abort()
    this.#agents.plain.destroy()
    this.#agents.tls.destroy()
  }

  /** Text: why there was no answer. */
  async #attempt(url: URL, call: RegistryCall, isAgain = false): Promise<HttpAnswer | string> {
    const { timeoutMs, responseBytesMax: bytesMax } = this.#settings
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) }
    const target = new URL(`${url.href.replace(/\/$/, '')}${call.path}`)
    const auth = await this.#auth.headers()
    this.#checkOpen()
    try {
      const answer = await httpRequest({
        url: target,
        method: call.method,
        headers: {
          accept: `${MEDIA_TYPE}, application/json;q=0.9`,
          ...(call.body !== undefined && { 'content-type': MEDIA_TYPE }),
          ...auth,
        },
        ...body,
        agent: this.#agentOf(url),
        timeoutMs,
        bytesMax,
        signal: this.#closing.signal,
      })
      if (answer.status === 401 && !isAgain && this.#auth.renew()) {
        return this.#attempt(url, call, true)
      }
      return { ...answer, text: withoutSecret(answer.text, auth) }
    } catch (error) {
      this.#checkOpen()
      if (error instanceof HttpFailure) return error.message
      if (!(error instanceof HttpTooLarge)) throw error
      throw new MillraceError(
        'REGISTRY_ANSWER_INVALID',
        `the schema registry ${shown(url)} gave ${error.message} for ${call.path}. ` +
          'Raise responseBytesMax if a schema is really that large.',
      )
    }
  }

  #reply(url: URL, { status, text }: HttpAnswer): RegistryReply {
    if (status === 401 || status === 403) {
      throw new MillraceError(
        'REGISTRY_REFUSED',
        `the schema registry ${shown(url)} refused the credentials: status ${status}. ` +
          `${this.#settings.auth === null ? 'None were given: set auth.' : 'Check auth.'}`,
      )
    }
    const json = parsed(text)
    const isAnswer = status >= 200 && status < 300 ? json !== undefined : status >= 400
    if (!isAnswer) {
      throw new MillraceError(
        'REGISTRY_ANSWER_INVALID',
        `${shown(url)} does not answer as a schema registry does: status ${status}, ` +
          `${json === undefined ? 'no JSON' : 'JSON'}. Check the URL with its path.`,
      )
    }
    const { message, error_code } = (json ?? {}) as Record<string, unknown>
    return {
      status,
      json,
      message: typeof message === 'string' ? short(message) : '',
      errorCode: typeof error_code === 'number' ? error_code : undefined,
    }
  }

  #agentOf(url: URL): Agent | PlainAgent {
    return url.protocol === 'https:' ? this.#agents.tls : this.#agents.plain
  }

  async #pause(round: number, wantedMs: number): Promise<void> {
    const { retryWaitMs, retryWaitMsMax } = this.#settings
    const usualMs = retryWaitMs * 2 ** round * (0.5 + this.time.random() / 2)
    const waitMs = Math.min(Math.max(usualMs, wantedMs), retryWaitMsMax)
    await this.time.sleep(waitMs, this.#closing.signal).catch(() => this.#checkOpen())
  }

  #unreachable(failures: readonly string[]): MillraceError {
    const { urls, retries } = this.#settings
    const list = urls.map((url, nth) => `${shown(url)}: ${failures[nth]}`).join('; ')
    return new MillraceError(
      'REGISTRY_UNREACHABLE',
      `the schema registry gave no answer, asked ${retries + 1} times: ${list}. ` +
        'Check that it runs and that the URL is right.',
      { retriable: true },
    )
  }

  #checkOpen(): void {
    if (!this.#closing.signal.aborted) return
    throw new MillraceError('REGISTRY_UNREACHABLE', 'the schema registry client was closed.')
  }
}

function isTrouble(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname === '/' ? '' : pathname}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function short(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be printed.
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
  return plain.length > MESSAGE_LENGTH_MAX ? `${plain.slice(0, MESSAGE_LENGTH_MAX)}…` : plain
}

/** Whoever answers with what was sent to it must not bring a secret into a log. */
function withoutSecret(text: string, headers: Readonly<Record<string, string>>): string {
  const secret = headers['authorization']?.split(' ')[1]
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '…')
}
