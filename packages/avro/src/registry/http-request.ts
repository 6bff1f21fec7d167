/**
 * One request over HTTP, bounded in time and in bytes.
 *
 * An answer is refused by what its header says before anything of it is read, and again while it is
 * read. The deadline is for the whole answer, so a server that sends a byte a second gains nothing.
 * Redirects are not followed: they are answers with a status like others. Node's own client, not
 * `fetch`, because certificates of one's own are given to an agent.
 */

import type { Agent as PlainAgent } from 'node:http'
import { request as requestPlain } from 'node:http'
import { type Agent, request as requestTls } from 'node:https'

export interface HttpRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly agent: Agent | PlainAgent
  readonly timeoutMs: number
  readonly bytesMax: number
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** The header `retry-after`, when it is a number of seconds. */
  readonly retryAfterMs: number | undefined
  readonly text: string
}

/** No whole answer came: connection, TLS, time. */
export class HttpFailure extends Error {}

/** The answer has more bytes than allowed. */
export class HttpTooLarge extends Error {}

/** @throws HttpFailure, HttpTooLarge */
export function httpRequest(request: HttpRequest): Promise<HttpAnswer> {
  const { url, method, headers, body, agent, timeoutMs, bytesMax, signal } = request
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestTls : requestPlain
    const sent = send(url, {
      method,
      agent: agent as Agent,
      signal,
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
    })
    const timer = setTimeout(() => {
      end(() => reject(new HttpFailure(`no answer within ${timeoutMs} ms`)))
      sent.destroy()
    }, timeoutMs)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      settle()
    }
    const fail = (error: Error) =>
      end(() => reject(new HttpFailure(reasonOf(error), { cause: error })))
    sent.on('error', fail)
    sent.on('response', response => {
      const parts: Buffer[] = []
      let size = 0
      const refuse = () => {
        end(() => reject(new HttpTooLarge(`an answer of more than ${bytesMax} bytes`)))
        sent.destroy()
      }
      if (Number(response.headers['content-length'] ?? 0) > bytesMax) return refuse()
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size > bytesMax) refuse()
        else parts.push(part)
      })
      response.on('error', fail)
      response.on('end', () =>
        end(() =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: secondsOf(response.headers['retry-after']),
            text: Buffer.concat(parts, size).toString('utf8'),
          }),
        ),
      )
    })
    sent.end(body)
  })
}

function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined
}

/** Node's text, or its code where it has none: several addresses were tried. */
function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException
  return error.message || code || error.name
}
