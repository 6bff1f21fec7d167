/** What an application is told when it is made, and what is refused there. */
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Logger } from '../runtime/logger.ts'
import type { StateBackendFactory } from '../state/state-backend.ts'
import type { TransportFactory } from '../transport/transport.ts'
import type { Clock } from '../util/clock.ts'
import type { Duration } from '../util/duration.ts'

export type Guarantee = 'at-least-once' | 'exactly-once'

export interface ApplicationOptions {
  /**
   * Names the consumer group and internal topics; processes with one id share the work. Letters,
   * digits, `.`, `_`, `-`.
   */
  readonly id: string
  /**
   * Where topics are: `kafka({...})`, `embeddedBroker()`. Default: a broker in memory, for arrays
   * and tests.
   */
  readonly broker?: TransportFactory
  /** Where state is kept: `rocksdb('./state')`. Default: in memory. */
  readonly state?: StateBackendFactory
  /** Default 'at-least-once': after a crash outputs may repeat. */
  readonly guarantee?: Guarantee
  /**
   * How often epochs are committed. Default '1s'. Less often, down to a tenth, where so much state
   * changes that writing it would take more than a tenth of the time.
   */
  readonly commitInterval?: Duration
  /**
   * What happens to records that fail, where neither topic nor step says otherwise. Default
   * `fail()`.
   */
  readonly onError?: ErrorPolicy
  /** Where to log. Default: lines of JSON on standard error. */
  readonly log?: Logger
  /** Where the time comes from. Default: the system. */
  readonly clock?: Clock
  /** Most records in one batch. Results never depend on it. Default 4096. */
  readonly batchRecordsMax?: number
  /** Bound on bytes fetched and not yet processed. Default 32 MiB. */
  readonly bufferBytesMax?: number
  /**
   * Bound on the memory that state takes: a quarter of it for live state, a sixth for the caches
   * and buffers of `state`, a sixteenth for what is to be written there, the rest for what is on
   * its way. What has no room lies where `state` says and is read when it is needed. Results never
   * depend on it. Default 256 MiB.
   */
  readonly stateBytesMax?: number
}

const ID = /^[a-zA-Z0-9._-]{1,150}$/

/** @throws INVALID_ARGUMENT */
export function checkOptions(options: ApplicationOptions): void {
  if (typeof options?.id !== 'string' || !ID.test(options.id)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'an application needs an id of 1 to 150 letters, digits, dots, underscores or hyphens; ' +
        `got ${JSON.stringify(options?.id)}.`,
    )
  }
  for (const name of ['batchRecordsMax', 'bufferBytesMax', 'stateBytesMax'] as const) {
    const bound = options[name] ?? 1
    if (Number.isSafeInteger(bound) && bound > 0) continue
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `${name} must be a whole number above 0; got ${JSON.stringify(bound)}.`,
    )
  }
  const { guarantee = 'at-least-once' } = options
  if (guarantee === 'at-least-once' || guarantee === 'exactly-once') return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `guarantee must be 'at-least-once' or 'exactly-once'; got ${JSON.stringify(guarantee)}.`,
  )
}
