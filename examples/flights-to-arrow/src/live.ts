/** Flights into a topic as they happen; from there into Parquet files and a served table. */
import { parquet, type ServedTable, serveArrow } from '@millrace/arrow'
import {
  type Application,
  filesSink,
  fromArray,
  json,
  localFolder,
  replay,
  string,
} from '@millrace/core'
import { Flight } from './flights.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Fifteen days a second. */
const SPEED = (15 * DAY_MS) / 1_000

export function writeFlights(app: Application, topic: string, flights: readonly Flight[]): void {
  const source = fromArray(flights, { schema: Flight, key: 'origin', timestamp: 'date' })
  app.dataframe(replay(source, { speed: SPEED })).toTopic(flightsTopic(app, topic))
}

/** Every flight into `folder`, a folder in it for each day; what the model needs is served. */
export function flightsToArrow(
  app: Application,
  topic: string,
  folder: string,
): Promise<ServedTable> {
  const flights = app
    .dataframe(flightsTopic(app, topic))
    .withColumns(c => ({ day: c.date.truncate('1d') }))
  flights.sink(filesSink(localFolder(folder), { format: parquet(), partitionBy: ['day'] }))
  const learnt = flights
    .withColumns(c => ({ hour: c.date.sub(c.day).div(HOUR_MS) }))
    .select('hour', 'distance', 'delay')
  return serveArrow(learnt)
}

function flightsTopic(app: Application, topic: string) {
  return app.topic(topic, {
    key: string(),
    keyColumn: 'origin',
    value: json(Flight),
    timestamp: 'date',
    create: { partitions: 2 },
  })
}
