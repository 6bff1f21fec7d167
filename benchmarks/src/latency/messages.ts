/** What the process that measures and the two that send and receive tell each other. */
import type { Latencies } from './stalls.ts'
import type { Happening } from './watch.ts'

export interface LoadJob {
  readonly bootstrap: string
  readonly topic: string
  /** Of the schedule, with those of the warm-up. */
  readonly records: number
  /** The first of them are not measured. */
  readonly warmup: number
}

/** When the schedule begins, by `nowUs`. */
export interface Begin {
  readonly startUs: number
}

export type LoadSaid =
  | { readonly kind: 'ready' }
  /** A record from before the schedule came out. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'happened'; readonly happening: Happening }
  | { readonly kind: 'sent' }
  | { readonly kind: 'received'; readonly latencies: Latencies }
