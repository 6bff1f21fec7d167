import { MillraceError } from '../errors.ts'
import { timestampLooksWrong, timestampUnitRefusal } from './cell.ts'

/**
 * Refuses an event time that looks like seconds, micro- or nanoseconds.
 * @param timestamp what should be epoch milliseconds
 * @throws TIMESTAMP_UNIT
 */
export function refuseWrongUnit(timestamp: number): void {
  const unit = timestampLooksWrong(timestamp)
  if (unit === null) return
  const { expected, got } = timestampUnitRefusal(timestamp, unit)
  throw new MillraceError(
    'TIMESTAMP_UNIT',
    `the event time is refused: expected ${expected}, got ${got}. ` +
      'Mend the producer, or say how time is given: app.topic(name, { timestamp: … }).',
  )
}
