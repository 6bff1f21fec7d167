/** 20,000 flights within the United States, 2001; `flights-20k.json` of vega-datasets. */
import { readFileSync } from 'node:fs'
import { type RowOf, schema, t } from '@millrace/core'

export const Flight = schema({
  date: t.timestamp(),
  origin: t.string(),
  destination: t.string(),
  /** Minutes after schedule; negative = early. */
  delay: t.int32(),
  /** Miles. */
  distance: t.int32(),
})
export type Flight = RowOf<typeof Flight>

/** Every flight, in the order of time; dates are read as UTC. */
export function readFlights(): Flight[] {
  const file = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'))
  const rows = JSON.parse(readFileSync(file, 'utf8')) as (Omit<Flight, 'date'> & { date: string })[]
  return rows.map(({ date, origin, destination, delay, distance }) => {
    const [year = 0, month = 0, day = 0, hour, minute] = date.split(/\D/).map(Number)
    const at = Date.UTC(year, month - 1, day, hour, minute)
    return { date: at, origin, destination, delay, distance }
  })
}
