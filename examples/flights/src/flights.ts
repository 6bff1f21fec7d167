/**
 * The data: 20,000 flights within the United States, January to March 2001, as the Bureau of
 * Transportation Statistics collected them (`flights-20k.json` of the package vega-datasets).
 *
 * Its dates have no zone, as each is local to its airport; here they are read as UTC, so a week
 * begins on Thursday at midnight of the airport's own clock. The file is sorted by date.
 */
import { readFileSync } from 'node:fs'
import { type RowOf, schema, t } from '@millrace/core'

/** A row of the topic `flights`; only the closing rows have nulls. */
export const Flight = schema({
  date: t.timestamp(),
  origin: t.string(),
  destination: t.string().nullable(),
  /** Minutes after schedule; negative = early. */
  delay: t.int32().nullable(),
  /** Miles. */
  distance: t.int32().nullable(),
})
export type Flight = RowOf<typeof Flight>

/** A row of the file. */
interface FlightInFile {
  /** `2001/01/14 21:55` */
  readonly date: string
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

/** Every flight, in the order of time. */
export function readFlights(): Flight[] {
  const file = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'))
  const rows = JSON.parse(readFileSync(file, 'utf8')) as FlightInFile[]
  return rows.map(row => ({ ...row, date: millisecondsOf(row.date) }))
}

/**
 * A row per airport that is no flight and says: it is `date` now. Event time moves with records
 * only, so this is what closes the last window of every partition.
 */
export function closingRows(flights: readonly Flight[], date: number): Flight[] {
  const origins = [...new Set(flights.map(({ origin }) => origin))]
  return origins.map(origin => ({ date, origin, destination: null, delay: null, distance: null }))
}

/** The airports with the most flights. */
export function busiest(flights: readonly Flight[], count: number): string[] {
  const counts = new Map<string, number>()
  for (const { origin } of flights) counts.set(origin, (counts.get(origin) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, count).map(([origin]) => origin)
}

function millisecondsOf(date: string): number {
  const [year = 0, month = 0, day = 0, hour, minute] = date.split(/\D/).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute)
}
