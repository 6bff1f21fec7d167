/**
 * The one loop over the records of a batch in which user code or expressions run.
 *
 * Tombstones are kept and not visited. A record whose visit throws goes to the policy with step,
 * topic, partition and offset; when the policy drops it, the loop goes on and the record is missing
 * in the selection that comes back.
 */
import type { Batch } from '../batch/batch.ts'
import { type ErrorPlace, MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { failedRecord } from './failed-record.ts'
import type { OperatorContext } from './operator.ts'

export interface RecordGuard {
  readonly step: string
  readonly policy: ErrorPolicy
  readonly context: OperatorContext
}

/**
 * Visits every selected record that has a value. A visit that gives `false` leaves the record out;
 * anything else keeps it.
 * @param before is called in front of each visit; what it throws is no failure of the record.
 * @returns the selection afterwards; the one of the batch when every record stayed.
 */
export function eachRecord(
  batch: Batch,
  guard: RecordGuard,
  visit: (index: number) => boolean | undefined,
  visitTombstone?: (index: number) => void,
  before?: (index: number) => void,
): Int32Array | null {
  const kept = new Int32Array(batch.count)
  let keptCount = 0
  for (let nth = 0; nth < batch.count; nth++) {
    const index = batch.at(nth)
    if (batch.isTombstone(index)) {
      visitTombstone?.(index)
      kept[keptCount++] = index
      continue
    }
    before?.(index)
    if (visited(batch, guard, visit, index)) kept[keptCount++] = index
  }
  return keptCount === batch.count ? batch.selection : kept.subarray(0, keptCount)
}

/** One visit; false when the record is left out. */
export function visited(
  batch: Batch,
  guard: RecordGuard,
  visit: (index: number) => boolean | undefined,
  index: number,
): boolean {
  try {
    return visit(index) !== false
  } catch (error) {
    const failure = recordError(error, batch, guard.step, index)
    guard.context.recordFailed(failure, guard.policy, () => failedRecord(batch, index))
    return false
  }
}

/** An error of user code or of an expression, with its place. */
export function recordError(
  error: unknown,
  batch: Batch,
  step: string,
  index: number,
): MillraceError {
  const { topic, partition, offsets } = batch.records
  const offset = offsets[index] as number
  return placedError(error, { step, topic, partition, offset: offset < 0 ? undefined : offset })
}

/** What user code or an expression threw, as an error of ours. */
export function placedError(error: unknown, place: ErrorPlace): MillraceError {
  if (MillraceError.is(error)) return error.at(place)
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new MillraceError(
    'FUNCTION_FAILED',
    `the function of this step threw ${text}. Mend the function, or say what is ` +
      'done with such records: onError: deadLetter(…), or skip().',
    { ...place, cause: error },
  )
}

/** Refuses what an `async` function gives back. */
export function refusePromise(result: unknown): void {
  if (!(result instanceof Promise)) return
  result.catch(() => {})
  throw new MillraceError(
    'FUNCTION_FAILED',
    'the function gave back a promise; functions of a frame are synchronous. Take `async` away.',
  )
}
