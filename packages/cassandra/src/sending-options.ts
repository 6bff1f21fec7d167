/** How rows are sent to the server: what sinks of tables and of queries are told alike. */
import { type Duration, durationMs } from '@millrace/core'
import type { ConcurrencyBounds } from './concurrency.ts'
import { atLeast, type ConsistencyName, consistencyOf } from './option-checks.ts'

export interface SendingOptions {
  /** Default `localQuorum`. */
  readonly consistency?: ConsistencyName
  /** Requests at once; adapts between these. Default 1 to 256. */
  readonly concurrency?: { readonly min?: number; readonly max?: number }
  /** Rows that wait for the server; then nothing more is read. Default 16 MiB. */
  readonly bufferBytesMax?: number
  /** Rows per second, of all tasks of the process. Default: no limit. */
  readonly rateMax?: number
  /** How long what may go through later is tried again; then the run stops. Default 5 min. */
  readonly retryFor?: Duration
}

export interface SendingSettings {
  readonly consistency: number
  readonly concurrency: ConcurrencyBounds
  readonly bufferBytesMax: number
  readonly rateMax: number
  readonly retryForMs: number
}

export const SENDING_OPTIONS: { readonly [K in keyof Required<SendingOptions>]: true } = {
  consistency: true,
  concurrency: true,
  bufferBytesMax: true,
  rateMax: true,
  retryFor: true,
}

/** @throws INVALID_ARGUMENT */
export function sendingOf(options: SendingOptions): SendingSettings {
  const { rateMax, bufferBytesMax = 16 * 1024 * 1024 } = options
  return {
    consistency: consistencyOf(options.consistency ?? 'localQuorum'),
    concurrency: boundsOf(options.concurrency ?? {}),
    bufferBytesMax: atLeast('bufferBytesMax', bufferBytesMax, 1),
    rateMax: rateMax === undefined ? Number.POSITIVE_INFINITY : atLeast('rateMax', rateMax, 1),
    retryForMs: durationMs(options.retryFor ?? '5m', 'retryFor'),
  }
}

function boundsOf({ min = 1, max = 256 }: { min?: number; max?: number }): ConcurrencyBounds {
  atLeast('concurrency.min', min, 1)
  return { min, max: atLeast('concurrency.max', Math.max(max, 1), min) }
}
