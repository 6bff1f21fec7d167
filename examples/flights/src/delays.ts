/**
 * The two applications: one writes the flights into a topic, the other reads it and says, for each
 * airport and week, how late its flights left.
 */
import {
  type Application,
  count,
  json,
  max,
  mean,
  nullIf,
  type RowOf,
  type Source,
  type StreamingDataFrame,
  schema,
  string,
  t,
  tumbling,
} from '@millrace/core'
import { Flight } from './flights.ts'

/** Every topic of the embedded broker has as many. */
export const PARTITIONS = 4
/** From when on the Bureau of Transportation Statistics calls a flight late, in minutes. */
const LATE_MIN = 15
/** A delay beyond it is taken for an error in the data. */
const DELAY_MAX = 360
const LONG_HAUL_MILES = 1500

/** A row of the topic `delays-by-origin`: one per airport and week. */
export const Delays = schema({
  origin: t.string(),
  window_start: t.timestamp(),
  window_end: t.timestamp(),
  flights: t.int64({ as: 'number' }),
  /** How many of them left late, and how many were long. */
  late: t.int64({ as: 'number' }),
  long_haul: t.int64({ as: 'number' }),
  mean_delay: t.float64().nullable(),
  worst_delay: t.int32().nullable(),
})
export type Delays = RowOf<typeof Delays>

export interface Topics {
  readonly flights: string
  readonly delays: string
}

/** Writes every row of the source into the topic of flights, keyed by airport. */
export function writeFlights(app: Application, topics: Topics, rows: Source<Flight>): void {
  app.dataframe(rows).toTopic(flightsTopic(app, topics))
}

/** The pipeline. Its results go into a topic; the frame is given back to show them, too. */
export function delaysByOrigin(app: Application, topics: Topics): StreamingDataFrame<Delays> {
  return app
    .dataframe(flightsTopic(app, topics))
    .where(c => c.delay.isNotNull().and(c.delay.lte(DELAY_MAX)))
    .withColumns(c => ({
      is_late: c.delay.gte(LATE_MIN),
      is_long_haul: c.distance.gte(LONG_HAUL_MILES),
    }))
    .groupBy('origin')
    .window(tumbling('7d'))
    .agg(c => ({
      flights: count(),
      late: count(nullIf(c.is_late, false)),
      long_haul: count(nullIf(c.is_long_haul, false)),
      mean_delay: mean(c.delay),
      worst_delay: max(c.delay),
    }))
    .final()
    .toTopic(delaysTopic(app, topics))
}

/** The results, as they stand in their topic. */
export function readDelays(app: Application, topics: Topics): Promise<Delays[]> {
  return app.dataframe(delaysTopic(app, topics)).collect()
}

/** Draws the latest week of some airports as one table. */
export function printLive(delays: StreamingDataFrame<Delays>, origins: readonly string[]): void {
  delays
    .where(c => c.origin.isIn(origins))
    .map(shown)
    .print({ live: true, key: ['airport'], limit: origins.length })
}

/** A result for people. */
export function shown(row: Delays) {
  const { origin, window_start, flights, late, mean_delay, worst_delay } = row
  const mean = mean_delay ?? 0
  return {
    airport: origin,
    'week of': new Date(window_start).toISOString().slice(0, 10),
    flights,
    'late %': Math.round((100 * late) / flights),
    'worst min': worst_delay,
    'mean min': mean.toFixed(1).padStart('mean min'.length),
    'mean delay': '▇'.repeat(Math.max(0, Math.round(mean / 2))),
  }
}

function flightsTopic(app: Application, { flights }: Topics) {
  return app.topic(flights, {
    key: string(),
    keyColumn: 'origin',
    value: json(Flight),
    timestamp: 'date',
    create: { partitions: PARTITIONS },
  })
}

function delaysTopic(app: Application, { delays }: Topics) {
  return app.topic(delays, {
    key: string(),
    keyColumn: 'origin',
    value: json(Delays),
    timestamp: 'window_end',
    create: { partitions: PARTITIONS },
  })
}
