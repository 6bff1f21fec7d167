/**
 * Parts of the driver that it has no public way to, with the types that they lack: to learn what a
 * server says of a statement, and to send a request whose bytes are written here.
 *
 * All of the package that depends on the driver's insides is here and in `rows-request.ts`.
 */
import { createRequire } from 'node:module'
import type { Client, QueryOptions, types } from 'cassandra-driver'

/** A type in the driver's own form. */
export interface PreparedType {
  readonly code: number
  readonly info?: unknown
}

/** What a server answers. */
export interface PreparedMeta {
  /** Of all parameters, where they are of one table. */
  readonly keyspace?: string
  readonly table?: string
  readonly columns: readonly {
    readonly name: string
    readonly type: PreparedType
    readonly ksname?: string
    readonly tablename?: string
  }[]
  readonly partitionKeys?: readonly number[]
}

/** A statement as a server knows it. */
export interface PreparedInfo {
  readonly queryId: Buffer
  readonly meta: PreparedMeta
}

interface PrepareHandler {
  /** Asks a server once; then it is in the cache of the client. */
  getPrepared(
    client: Client,
    loadBalancing: unknown,
    cql: string,
    keyspace: string,
  ): Promise<PreparedInfo>
}

export interface DriverEncoder {
  readonly protocolVersion: number
}

export interface BatchItem {
  readonly query: string
  readonly params: readonly unknown[]
}

/** What the driver asks of a request that it sends, writes again and tells its trackers of. */
export interface DriverRequest {
  readonly queries: readonly BatchItem[]
  /** Of the body, known when it was written. */
  readonly length: number
  /** The frame of the request. */
  write(encoder: DriverEncoder, streamId: number): Buffer
  clone(): DriverRequest
}

/** The driver's own form of a batch of prepared statements. */
export interface DriverBatch {
  queries: readonly (BatchItem & PreparedInfo)[]
  readonly length: number
  write(encoder: DriverEncoder, streamId: number): Buffer
}

export interface DriverExecution {
  getLoadBalancingPolicy(): unknown
  getKeyspace(): string | undefined
  setKeyspace(keyspace: string): void
  setRoutingKey(key: Buffer): void
}

/** To send requests of one's own. */
export interface SendingParts {
  readonly BatchRequest: new (
    queries: readonly (BatchItem & PreparedInfo)[],
    execution: DriverExecution,
  ) => DriverBatch
  readonly DefaultExecutionOptions: {
    create(options: QueryOptions, client: Client): DriverExecution
  }
  readonly RequestHandler: {
    send(
      request: DriverRequest,
      execution: DriverExecution,
      client: Client,
    ): Promise<types.ResultSet>
  }
}

// They have no types, and what is imported must have some.
const require = createRequire(import.meta.url)

export const prepareHandler = require('cassandra-driver/lib/prepare-handler.js') as PrepareHandler

/** Null where the driver has them no more. */
export const sendingParts: SendingParts | null = partsOf(require)

export function partsOf(load: (id: string) => unknown): SendingParts | null {
  try {
    const { BatchRequest } = load('cassandra-driver/lib/requests.js') as SendingParts
    const { DefaultExecutionOptions } = load(
      'cassandra-driver/lib/execution-options.js',
    ) as SendingParts
    const RequestHandler = load(
      'cassandra-driver/lib/request-handler.js',
    ) as SendingParts['RequestHandler']
    const isWhole = [
      BatchRequest?.prototype?.write,
      DefaultExecutionOptions?.create,
      RequestHandler?.send,
    ].every(part => typeof part === 'function')
    return isWhole ? { BatchRequest, DefaultExecutionOptions, RequestHandler } : null
  } catch {
    return null
  }
}
