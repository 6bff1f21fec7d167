/** What the checker and who started it tell each other (IPC). */
import type { Guarantee } from '@millrace/core'
import type { ClientSettings } from '../crash/story.ts'
import type { Anomaly, Tally } from './comparison.ts'

export interface CheckOrders {
  readonly id: string
  readonly settings: ClientSettings
  readonly guarantee: Guarantee
  /** So long nothing new may come while something is missing. */
  readonly patienceMs: number
  /** The folder of the files that the workers wrote. */
  readonly files: string
}

export interface Verdict {
  readonly kind: 'verdict'
  readonly inputCount: number
  readonly anomalies: readonly Anomaly[]
  readonly tallies: readonly Tally[]
}

export type ToChecker =
  | { readonly kind: 'check'; readonly orders: CheckOrders }
  | { readonly kind: 'finish' }

export type FromChecker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing'; readonly count: number }
  /** Everything has been seen; or nothing came any more. */
  | { readonly kind: 'read'; readonly isComplete: boolean }
  | Verdict
  | { readonly kind: 'failed'; readonly text: string }
