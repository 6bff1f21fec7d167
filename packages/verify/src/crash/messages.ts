/** What the conductor and its workers tell each other (IPC). */
import type { CheckpointStep } from '@millrace/core/testing'
import type { WorkerOrders } from './story.ts'

type Moment = 'before' | 'after'

/** A named fault point. */
export interface FaultPoint {
  readonly step: CheckpointStep
  readonly moment: Moment
}

export function pointName({ step, moment }: FaultPoint): string {
  return `${moment} ${step}`
}

export type ToWorker =
  | { readonly kind: 'run'; readonly orders: WorkerOrders }
  /** Kill yourself by SIGKILL at this point of the next checkpoint. */
  | { readonly kind: 'die'; readonly at: FaultPoint }
  /** Stop yourself by SIGSTOP at this point of the next checkpoint. */
  | { readonly kind: 'freeze'; readonly at: FaultPoint }
  /** Make the next outputs too large for the broker. */
  | { readonly kind: 'refuse' }

export interface TaskPosition {
  readonly topic: string
  readonly partition: number
  /** Everything before is in a commit. */
  readonly position: number
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'committed'; readonly tasks: readonly TaskPosition[] }
  /** It stops itself now. */
  | { readonly kind: 'freezing' }
  /** An output that the broker will refuse was handed to the client. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'log'; readonly level: string; readonly text: string }
