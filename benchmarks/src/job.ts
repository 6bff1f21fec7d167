/** What the program under measure is told, and what it tells. */
import type { ApplicationStatus, Guarantee, StateStats } from '@millrace/core'

export interface Job {
  readonly bootstrap: string
  readonly id: string
  readonly input: string
  readonly output: string
  /**
   * `totals`: count and sum per user and window. `half`: where and project, half of the records go
   * on, no state. `latest`: the greatest note per user and window, which is long.
   */
  readonly pipeline: 'totals' | 'half' | 'latest'
  readonly window: string
  readonly grace: string
  readonly guarantee: Guarantee
  readonly commitIntervalMs: number
  readonly stateFolder: string
  readonly stateBytesMax?: number
  /** Ends when the input has been read. */
  readonly isBounded: boolean
  /** With `isBounded`: open windows are closed. */
  readonly flushes?: boolean
  readonly sampleMs: number
}

/** Sent every `sampleMs`. */
export interface Sample {
  /** Milliseconds since the process began. */
  readonly sinceStartMs: number
  readonly status: ApplicationStatus
  readonly rssBytes: number
  readonly heapBytes: number
  readonly bufferBytes: number
}

export type Said =
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'state'; readonly stats: StateStats | null }
  | { readonly kind: 'ended'; readonly error: string | null }
