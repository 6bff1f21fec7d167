const DATE = String.raw`(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)`
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`
const ZONE = String.raw`(?:[Zz]|([+-])(\d\d):?(\d\d))`
const ISO_TIME = new RegExp(`^${DATE}[Tt ]${CLOCK}${ZONE}$`)
const WITHOUT_ZONE = new RegExp(`^${DATE}[Tt ]${CLOCK}$`)
const DATE_ONLY = /^\d{4}-\d\d-\d\d$/

export type IsoTimeFault = 'no zone' | 'date only' | 'not a time'

/**
 * Epoch milliseconds of ISO 8601 text with a zone: `2026-08-01T10:00:00Z`,
 * `2026-08-01T12:00:00.250+02:00`. Fractions below a millisecond are cut off (towards the past).
 * Text without a zone is not guessed at.
 */
export function parseIsoTime(text: string): number | IsoTimeFault {
  const match = ISO_TIME.exec(text)
  if (match === null) {
    if (DATE_ONLY.test(text)) return 'date only'
    return WITHOUT_ZONE.test(text) ? 'no zone' : 'not a time'
  }
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction = '',
    sign,
    zoneHour,
    zoneMinute,
  ] = match
  const zoneMinutes =
    sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1)
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  const isZone = sign === undefined || (Number(zoneHour) < 24 && Number(zoneMinute) < 60)
  const dayMs = utcDay(Number(year), Number(month), Number(day))
  if (!isClock || !isZone || dayMs === undefined) return 'not a time'
  const seconds = (Number(hour) * 60 + Number(minute) - zoneMinutes) * 60 + Number(second)
  return dayMs + seconds * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3))
}

/** Start of a day of the calendar; undefined when there is no such day. */
function utcDay(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isDay ? date.getTime() : undefined
}
