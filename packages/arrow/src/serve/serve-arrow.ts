/**
 * A frame's last rows over HTTP, as an Arrow IPC stream: `GET /` gives what there is and ends,
 * `GET /?follow=1` goes on with each committed batch.
 *
 * On the loopback interface unless another is named. Each request needs the token. Readers are
 * bounded in number, and each in the bytes that wait for it: one that falls behind, or takes
 * nothing for a while, is cut off; its Arrow library reports that the stream ended too early.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MillraceError, type StreamingDataFrame } from '@millrace/core'
import type { Schema } from 'apache-arrow'
import type { ArrowSchemaOptions } from '../bridge/arrow-schema.ts'
import { STREAM_END, schemaMessage } from '../ipc/ipc-messages.ts'
import { LiveTable, liveSink } from './live-table.ts'

export interface ServeArrowOptions extends Pick<ArrowSchemaOptions, 'metadata'> {
  /** Default: a free one, which `url` tells. */
  readonly port?: number
  /** The interface to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string
  /** What readers must send, as a bearer token or `?token=`. Default: a new one. */
  readonly token?: string
  /** The last rows are kept, at least so many. Default 1,000,000. */
  readonly rowsMax?: number
  /** What is kept takes at most so much memory; what waits for a reader, twice. Default 64 MiB. */
  readonly bytesMax?: number
  /** Rows committed longer ago are dropped, in milliseconds. Default never. */
  readonly ageMsMax?: number
  /** Readers at once. Default 16. */
  readonly readersMax?: number
  /** A reader that takes nothing for so long is cut off. Default 30,000. */
  readonly stallMsMax?: number
}

export interface ServedTable {
  /** With the token in it: whoever knows it may read. */
  readonly url: string
  readonly token: string
  close(): Promise<void>
}

const LENIENT_BYTES = 1024 * 1024
const TOKEN_BYTES = 24

/**
 * Serves the last rows of a frame while the application runs. Rows appear when their epoch is
 * committed; the table begins empty in each process.
 *
 * @example
 * const served = await serveArrow(frame, { port: 8815 })
 * // pyarrow.ipc.open_stream(urllib.request.urlopen(url)).read_all()
 */
export async function serveArrow<Row>(
  frame: StreamingDataFrame<Row>,
  options: ServeArrowOptions = {},
): Promise<ServedTable> {
  const {
    host = '127.0.0.1',
    port = 0,
    token = randomBytes(TOKEN_BYTES).toString('base64url'),
  } = options
  const { rowsMax = 1_000_000, bytesMax = 64 * 1024 * 1024, readersMax = 16 } = options
  const { ageMsMax = Number.POSITIVE_INFINITY, stallMsMax = 30_000, metadata } = options
  const bounds = { rowsMax, bytesMax, readersMax, ageMsMax, stallMsMax }
  for (const [name, value] of Object.entries(bounds)) {
    if (typeof value === 'number' && value > 0) continue
    throw new MillraceError('INVALID_ARGUMENT', `${name} must be a number above 0; got ${value}.`)
  }
  if (token === '') throw new MillraceError('INVALID_ARGUMENT', 'the token must not be empty.')
  const table = new LiveTable(bounds)
  const schema: { head: Buffer } = { head: Buffer.alloc(0) }
  const attached = (arrow: Schema): void => {
    schema.head = Buffer.concat(schemaMessage(arrow).parts)
  }
  frame.sink(liveSink(table, metadata === undefined ? {} : { metadata }, attached))
  const readers = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, token, readers.size >= readersMax)
    if (refusal !== null) {
      response.writeHead(refusal.status, { 'content-type': 'text/plain' }).end(refusal.text)
      return
    }
    readers.add(response)
    response.once('close', () => readers.delete(response))
    const follows = new URL(request.url ?? '/', 'http://x').searchParams.get('follow') === '1'
    new Reader(response, { bytesMax, stallMsMax }).send(table, schema.head, follows)
  })
  await listening(server, port, host)
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return Object.freeze<ServedTable>({
    url: `http://${name}:${address.port}/?token=${encodeURIComponent(token)}`,
    token,
    close: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  })
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw new MillraceError(
      'SINK_FAILED',
      `cannot listen on ${host}:${port}: ${String(error)}. Choose another port.`,
      { cause: error },
    )
  }
}

interface Refusal {
  readonly status: number
  readonly text: string
}

function refusalOf(request: IncomingMessage, token: string, isFull: boolean): Refusal | null {
  const url = new URL(request.url ?? '/', 'http://x')
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const given = bearer ?? url.searchParams.get('token') ?? ''
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(digest(given), digest(token))) {
    return { status: 401, text: 'The token is missing or wrong.\n' }
  }
  if (request.method !== 'GET') return { status: 405, text: 'Only GET.\n' }
  if (url.pathname !== '/') return { status: 404, text: 'The table is at /.\n' }
  return isFull ? { status: 503, text: 'Too many readers.\n' } : null
}

/** One reader: what it has not taken yet is bounded. */
class Reader {
  readonly #response: ServerResponse
  readonly #bytesMax: number
  #queue: Uint8Array[] = []
  #bytes = 0
  #isEnded = false

  constructor(response: ServerResponse, bounds: { bytesMax: number; stallMsMax: number }) {
    this.#response = response
    this.#bytesMax = bounds.bytesMax
    response.setTimeout(bounds.stallMsMax, () => {
      // Nobody need take anything while there is nothing.
      if (this.#bytes > 0 || response.writableLength > 0) response.destroy()
    })
    response.on('drain', () => this.#pump())
    response.on('error', () => {})
  }

  send(table: LiveTable, head: Buffer, follows: boolean): void {
    this.#response.writeHead(200, { 'content-type': 'application/vnd.apache.arrow.stream' })
    this.#response.flushHeaders()
    if (follows) {
      const { batches, stop } = table.follow(({ bytes }) => this.#push(bytes))
      this.#response.once('close', stop)
      for (const bytes of [head, ...batches.map(batch => batch.bytes)]) this.#push(bytes)
      return
    }
    this.#queue = [head, ...table.batches().map(({ bytes }) => bytes), STREAM_END]
    this.#isEnded = true
    this.#pump()
  }

  #push(bytes: Uint8Array): void {
    this.#queue.push(bytes)
    this.#bytes += bytes.length
    // What was there at the beginning may be as much as the bound.
    if (this.#bytes > this.#bytesMax * 2 + LENIENT_BYTES) this.#response.destroy()
    else this.#pump()
  }

  #pump(): void {
    const response = this.#response
    while (!response.writableNeedDrain && !response.destroyed) {
      const bytes = this.#queue.shift()
      if (bytes === undefined) break
      this.#bytes = Math.max(0, this.#bytes - bytes.length)
      response.write(bytes)
    }
    if (this.#isEnded && this.#queue.length === 0 && !response.writableEnded) response.end()
  }
}
