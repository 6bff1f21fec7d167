/**
 * One connection to a broker: TCP or TLS, authenticated, requests pipelined.
 *
 *   frame  = size i32 | header | body
 *   header = key i16 | version i16 | correlation id i32 | client id | [tags]     of a request
 *          = correlation id i32 | [tags]                                         of an answer
 *
 * Answers come in the order of requests. Each is read into one buffer of its size, which is checked
 * first. Whatever is not as it must be (a size, an id, no answer in time) closes the connection:
 * nothing behind it could be trusted. Whoever waits is told why.
 */
import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { MillraceError } from '@millrace/core'
import { BodyPool } from '../body-pool.ts'
import { API_VERSIONS, type BrokerVersions } from './api-versions.ts'
import { authenticate, type SaslSettings } from './sasl.ts'
import { SASL_AUTHENTICATE, SASL_HANDSHAKE } from './sasl-api.ts'
import type { WireApi } from './wire-api.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface WireSecurity {
  /** Null: plain TCP. */
  readonly tls: TlsOptions | null
  readonly sasl: SaslSettings | null
}

export interface ConnectionOptions {
  readonly clientId: string
  readonly connectTimeoutMs: number
  /** Longest wait for an answer, beside what the request itself lets the broker wait. */
  readonly requestTimeoutMs: number
  readonly responseBytesMax: number
}

interface Waiting {
  readonly id: number
  readonly api: WireApi<unknown, unknown>
  readonly version: number
  readonly timer: NodeJS.Timeout
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/**
 * Perf: plain TCP is read into one buffer, again and again. A new one for each piece counts toward
 * V8's heap, which makes it collect all of it more often; TLS has no such way.
 */
const READ_BYTES = 64 * 1024

/** Proves who it is again before its session ends. */
const RENEW_AT = 0.8

const PLAIN_ADVICE = ' Check whether this listener wants TLS ("security.protocol").'
const TLS_ADVICE =
  'Check "security.protocol" and the certificates ("ssl.ca.location", ' +
  '"ssl.certificate.location", "ssl.key.location").'

export class Connection {
  readonly #socket: Socket
  readonly #place: string
  readonly #options: ConnectionOptions
  readonly #waiting: Waiting[] = []
  #versions: BrokerVersions['ranges'] = new Map()
  #nextId = 1
  /** Of the answer under way: its size, then itself. */
  readonly #head = Buffer.alloc(4)
  #headSize = 0
  #body: Buffer | null = null
  readonly #bodies = new BodyPool()
  #bodySize = 0
  #closed: MillraceError | null = null
  #renewal: NodeJS.Timeout | undefined
  /** While it proves again who it is: nothing else may be said. Never fails. */
  #proving: Promise<void> | null = null
  /** What to check when it ends before anything was answered. */
  #advice = ''

  private constructor(socket: Socket, endpoint: Endpoint, options: ConnectionOptions) {
    this.#socket = socket
    this.#place = `${endpoint.host}:${endpoint.port}`
    this.#options = options
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    socket.on('data', chunk => this.#take(chunk))
    socket.on('error', error => this.#end(error.message, isRefusal(error)))
    socket.on('close', () => this.#end('the broker closed the connection'))
  }

  /**
   * Connects, learns what the broker speaks, and proves who it is.
   * @throws BROKER_UNREACHABLE, BROKER_REFUSED
   */
  static async open(
    endpoint: Endpoint,
    security: WireSecurity,
    options: ConnectionOptions,
  ): Promise<Connection> {
    const pieces: { take(chunk: Buffer): void } = { take() {} }
    const socket = await openSocket(endpoint, security.tls, options.connectTimeoutMs, pieces)
    const connection = new Connection(socket, endpoint, options)
    pieces.take = chunk => connection.#take(chunk)
    try {
      await connection.#greet(security.tls === null ? PLAIN_ADVICE : '')
      if (security.sasl !== null) await connection.#authenticate(security.sasl)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#closed === null
  }

  /** The highest version both sides have. @throws BROKER_REFUSED when there is none. */
  versionOf({ name, key, versions: [min, max] }: WireApi<never, unknown>): number {
    if (key === API_VERSIONS.key) return max
    const range = this.#versions.get(key)
    const highest = Math.min(max, range?.[1] ?? -1)
    if (range !== undefined && highest >= Math.max(min, range[0])) return highest
    const has = range === undefined ? 'does not know it' : `has ${range[0]} to ${range[1]}`
    throw this.#refused(`${name} is needed in version ${min} to ${max}, and it ${has}`)
  }

  /** @param waitMs how long the request lets the broker wait with its answer */
  send<Request, Answer>(
    api: WireApi<Request, Answer>,
    request: Request,
    waitMs = 0,
  ): Promise<Answer> {
    if (this.#proving === null) return this.#write(api, request, waitMs)
    return this.#proving.then(() => this.send(api, request, waitMs))
  }

  /** Nobody will look at the bytes of this answer any more; whoever does reads others. */
  recycle(body: Buffer): void {
    this.#bodies.give(body)
  }

  close(): void {
    this.#end('it was closed')
  }

  #write<Request, Answer>(
    api: WireApi<Request, Answer>,
    request: Request,
    waitMs = 0,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) throw this.#closed
      const version = this.versionOf(api)
      const id = this.#nextId
      this.#nextId = (id % 0x7fffffff) + 1
      const out = new WireWriter().int32(0).int16(api.key).int16(version).int32(id)
      out.text(this.#options.clientId)
      if (version >= api.flexibleFrom) out.noTags()
      api.encode(request, version, out)
      out.setHead(out.size - 4)
      const ms = waitMs + this.#options.requestTimeoutMs
      const timer = setTimeout(() => this.#end(`no answer to ${api.name} within ${ms} ms`), ms)
      const waiting = { id, api, version, timer, resolve, reject }
      this.#waiting.push(waiting as Waiting)
      this.#socket.cork()
      for (const part of out.parts()) this.#socket.write(part)
      this.#socket.uncork()
    })
  }

  // ---- who we are

  async #greet(advice: string): Promise<void> {
    this.#advice = advice
    const { errorCode, ranges } = await this.#write(API_VERSIONS, null)
    if (errorCode !== 0) throw this.#refused(`it answered with error ${errorCode}`)
    this.#versions = ranges
    this.#advice = ''
  }

  async #authenticate(sasl: SaslSettings): Promise<void> {
    const { errorCode, mechanisms } = await this.#write(SASL_HANDSHAKE, sasl.mechanism)
    if (errorCode !== 0) {
      throw this.#refused(`it has the mechanisms ${mechanisms.join(', ')}, not ${sasl.mechanism}`)
    }
    let lifetimeMs = 0
    try {
      await authenticate(sasl, async message => {
        const answer = await this.#write(SASL_AUTHENTICATE, message)
        if (answer.errorCode !== 0) throw new Error(answer.message ?? `error ${answer.errorCode}`)
        lifetimeMs = answer.lifetimeMs
        return answer.bytes
      })
    } catch (error) {
      if (MillraceError.is(error) && error.retriable) throw error
      throw this.#refused(`authentication failed: ${(error as Error).message}`)
    }
    if (lifetimeMs > 0) this.#renewIn(sasl, lifetimeMs)
  }

  #renewIn(sasl: SaslSettings, lifetimeMs: number): void {
    const ms = Math.min(lifetimeMs * RENEW_AT, 2 ** 31 - 1)
    this.#renewal = setTimeout(() => {
      this.#proving = this.#authenticate(sasl)
        .catch(error => this.#end((error as Error).message))
        .finally(() => {
          this.#proving = null
        })
    }, ms).unref()
  }

  // ---- answers

  /** Keeps nothing of the chunk. */
  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && this.#closed === null; ) {
      if (this.#body === null) at += this.#takeHead(chunk, at)
      else at += this.#takeBody(this.#body, chunk, at)
    }
  }

  #takeHead(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#head, this.#headSize, at)
    this.#headSize += taken
    if (this.#headSize < 4) return taken
    this.#headSize = 0
    const size = this.#head.readInt32BE(0)
    if (size < 4 || size > this.#options.responseBytesMax) {
      this.#end(`an answer of ${size} bytes; at most ${this.#options.responseBytesMax} are taken`)
      return taken
    }
    this.#body = this.#bodies.take(size)
    this.#bodySize = 0
    return taken
  }

  #takeBody(body: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(body, this.#bodySize, at)
    this.#bodySize += taken
    if (this.#bodySize === body.length) {
      this.#body = null
      this.#answer(body)
    }
    return taken
  }

  #answer(body: Buffer): void {
    const waiting = this.#waiting[0]
    const id = body.readInt32BE(0)
    if (waiting === undefined || waiting.id !== id) {
      this.#end(`an answer to request ${id}, where ${waiting?.id ?? 'none'} waits`)
      return
    }
    this.#waiting.shift()
    clearTimeout(waiting.timer)
    try {
      const from = new WireReader(body, waiting.api.name)
      from.skip(4)
      // The answer that tells versions has the old header always.
      const isFlexible = waiting.version >= waiting.api.flexibleFrom
      if (isFlexible && waiting.api.key !== API_VERSIONS.key) from.tags()
      waiting.resolve(waiting.api.decode(from, waiting.version))
    } catch (error) {
      waiting.reject(error)
      this.#end((error as Error).message)
    }
  }

  #end(reason: string, isRefused = false): void {
    if (this.#closed !== null) return
    const text = `the connection to ${this.#place} ended: ${reason}.${this.#advice}`
    this.#closed = isRefused
      ? new MillraceError('BROKER_REFUSED', `${text} ${TLS_ADVICE}`)
      : new MillraceError('BROKER_UNREACHABLE', text, { retriable: true })
    clearTimeout(this.#renewal)
    this.#body = null
    this.#socket.destroy()
    for (const { timer, reject } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      reject(this.#closed)
    }
  }

  #refused(reason: string): MillraceError {
    return new MillraceError(
      'BROKER_REFUSED',
      `the broker at ${this.#place} refused the connection: ${reason}. Check ` +
        '"security.protocol", "sasl.mechanism", "sasl.username" and "sasl.password".',
    )
  }
}

function openSocket(
  { host, port }: Endpoint,
  tls: TlsOptions | null,
  timeoutMs: number,
  pieces: { take(chunk: Buffer): void },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let socket: Socket | undefined
    const fail = (reason: string, isRefused = false): void => {
      clearTimeout(timer)
      socket?.destroy()
      const text = `no connection to ${host}:${port}: ${reason}.`
      reject(
        isRefused
          ? new MillraceError('BROKER_REFUSED', `${text} ${TLS_ADVICE}`)
          : new MillraceError('BROKER_UNREACHABLE', text, { retriable: true }),
      )
    }
    const advice = tls === null ? '' : '; the port may speak plain text'
    const late = `nobody answered within ${timeoutMs} ms${advice}`
    const timer = setTimeout(() => fail(late), timeoutMs)
    const onError = (error: NodeJS.ErrnoException): void =>
      // Several addresses that failed are told by a code alone.
      fail(error.message || String(error.code), isRefusal(error))
    try {
      // RFC 6066: an address is no server name. The certificate is checked for it all the same.
      const servername = isIP(host) === 0 ? host : ''
      socket =
        tls === null
          ? connectTcp({ host, port, onread: readInto(pieces) })
          : connectTls({ servername, ...tls, host, port })
    } catch (error) {
      // Certificates or keys that are none.
      fail((error as Error).message, true)
      return
    }
    const opened = socket
    opened.once('error', onError)
    opened.once(tls === null ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer)
      opened.off('error', onError)
      resolve(opened)
    })
  })
}

function readInto(pieces: { take(chunk: Buffer): void }): OnReadOpts {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  return {
    buffer,
    callback(size) {
      pieces.take(buffer.subarray(0, size))
      return true
    },
  }
}

/** TLS said no: a certificate, or what the two sides speak. Networks fail with other codes. */
function isRefusal({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(EPROTO|ERR_SSL_.*|ERR_TLS_.*|(?!ERR_|EAI_)[A-Z]+_[A-Z_]+)$/.test(code)
}
