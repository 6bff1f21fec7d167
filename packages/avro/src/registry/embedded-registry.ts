/**
 * A schema registry inside the process, for tests, examples and first runs: real HTTP on the
 * loopback interface, Confluent's API as far as `registry.ts` and Confluent's clients use it, GUIDs
 * and metadata included. Schemas live in memory and are gone with the process.
 *
 * Ids are those of a schema, not of a version: the same text has the same id under every subject.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MillraceError } from '@millrace/core'
import { EmbeddedSubjects, RegistryFault } from './embedded-subjects.ts'

export interface EmbeddedRegistryOptions {
  /** Default: a free one. */
  readonly port?: number
}

const BODY_BYTES_MAX = 16 * 1024 * 1024
const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json'

/**
 * Makes a registry in this process; `start` it, use its `url`, `close` it.
 *
 * @example
 * const embedded = embeddedRegistry()
 * await embedded.start()
 * const schemas = registry(embedded.url)
 */
export function embeddedRegistry(options: EmbeddedRegistryOptions = {}): EmbeddedRegistry {
  return new EmbeddedRegistry(options)
}

export class EmbeddedRegistry {
  readonly #options: EmbeddedRegistryOptions
  readonly #subjects: EmbeddedSubjects = new EmbeddedSubjects()
  #server: Server | null = null
  #port = 0

  /** Made by `embeddedRegistry()`. */
  constructor(options: EmbeddedRegistryOptions) {
    this.#options = options
    this.#port = options.port ?? 0
  }

  /** @throws INVALID_ARGUMENT when it was never started. */
  get url(): string {
    if (this.#port !== 0) return `http://127.0.0.1:${this.#port}`
    throw new MillraceError('INVALID_ARGUMENT', 'the embedded registry has no URL before start().')
  }

  /**
   * Listens; after `close` again at the same address, with the same schemas.
   * @throws PORT_IN_USE
   */
  async start(): Promise<void> {
    if (this.#server !== null) return
    const server = createServer((request, response) => {
      void this.#serve(request, response)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', error => {
        const text = `port ${this.#options.port} of 127.0.0.1 cannot be had: ${error.message}.`
        reject(new MillraceError('PORT_IN_USE', text, { cause: error }))
      })
      server.listen({ host: '127.0.0.1', port: this.#port, exclusive: true }, resolve)
    })
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  /** Ends connections and stops listening. Idempotent. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (server === null) return
    await new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let status = 200
    let json: unknown
    try {
      const body = await bodyOf(request)
      json = this.#subjects.answer(request.method ?? 'GET', request.url ?? '/', body)
    } catch (thrown) {
      const fault = thrown instanceof RegistryFault ? thrown : unexpected(thrown)
      status = fault.status
      json = { error_code: fault.errorCode, message: fault.message }
    }
    response.writeHead(status, { 'content-type': MEDIA_TYPE })
    response.end(JSON.stringify(json))
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > BODY_BYTES_MAX) throw new RegistryFault(413, 41_301, 'the request is too large')
    parts.push(part)
  }
  if (size === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(parts, size).toString('utf8'))
  } catch {
    throw new RegistryFault(400, 40_001, 'the request is no JSON')
  }
}

function unexpected(thrown: unknown): RegistryFault {
  return new RegistryFault(500, 50_001, String(thrown))
}
