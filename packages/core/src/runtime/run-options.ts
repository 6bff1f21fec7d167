/**
 * What a run is told, and what follows from it before anything is opened: whether it writes in
 * transactions, what a broker can't give it, and whether it needs a place for state.
 */
import { MillraceError } from '../errors.ts'
import { isKept, type Pipeline } from '../operator/pipeline.ts'
import type { StateBackend, StateBackendFactory } from '../state/state-backend.ts'
import { shareMemory } from '../state/state-memory.ts'
import type { Transport } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { CheckpointHook } from './checkpoint-step.ts'
import type { Logger } from './logger.ts'
import type { VerdictChoices } from './verdict-choices.ts'

export interface RunOptions {
  readonly applicationId: string
  readonly pipeline: Pipeline
  readonly transport: Transport
  readonly log: Logger
  readonly clock: Clock
  readonly state: StateBackendFactory
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly commitIntervalMs: number
  readonly batchRecordsMax: number
  readonly bufferBytesMax: number
  /** What state may take of memory, over all tasks, the backend included. */
  readonly stateBytesMax: number
  /** `alone`: reads everything from the beginning, joins no group and commits nothing. */
  readonly membership: 'group' | 'alone'
  /** Ends at the high watermarks found at the start. */
  readonly isBounded: boolean
  /** At the end of a bounded run every window closes. */
  readonly flushes: boolean
  /** What the user decides where state and the group disagree. */
  readonly choices: VerdictChoices
  /** Aborted: finish, commit, leave. */
  readonly signal: AbortSignal
  /** Watches the steps of checkpoints; for tests of crashes. */
  readonly onCheckpoint?: CheckpointHook | null
}

/** @throws NOT_SUPPORTED */
export function refuseWithoutTransactions(options: RunOptions): void {
  const { guarantee, transport, pipeline, membership } = options
  if (transport.abilities.transactions) return
  for (const { input } of membership === 'alone' ? [] : pipeline.subTopologies) {
    if (input.kind !== 'local' || input.resume === null) continue
    throw new MillraceError(
      'NOT_SUPPORTED',
      `${transport.name} has no transactions, and where ${input.source.name} goes on is kept in ` +
        'them. Use a real broker, or leave out resume: the source is read from its beginning then.',
    )
  }
  if (guarantee === 'at-least-once') return
  throw new MillraceError(
    'NOT_SUPPORTED',
    `${transport.name} has no transactions, so nothing can be exactly once on it. ` +
      "Use a real broker, or guarantee: 'at-least-once'.",
  )
}

/** Whatever tasks hand to each other or keep is written in transactions, where there are any. */
export function isTransactional(options: RunOptions): boolean {
  const { pipeline, transport, membership, guarantee } = options
  const isNeeded = isInternal(pipeline) || guarantee === 'exactly-once'
  return membership === 'group' && isNeeded && transport.abilities.transactions
}

/** Its tasks keep something, or hand something to each other. */
export function isInternal({ subTopologies }: Pipeline): boolean {
  return subTopologies.some(
    part => part.stores.length > 0 || part.repartitions.length > 0 || isKept(part),
  )
}

/** Takes a slot, where there is state to keep or a transaction to name after it; null = neither. */
export async function openBackend(options: RunOptions): Promise<StateBackend | null> {
  const { state, applicationId, log, pipeline, stateBytesMax } = options
  const canRebuild = isTransactional(options)
  const { backend: memoryBytes } = shareMemory(stateBytesMax)
  const hasState = pipeline.subTopologies.some(({ stores }) => stores.length > 0)
  return canRebuild || hasState
    ? state.create({ applicationId, log, canRebuild, memoryBytes })
    : null
}
