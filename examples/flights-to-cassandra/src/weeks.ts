/** The pipeline: flights of a topic, per airport and week, into a table. */
import { cassandra } from '@millrace/cassandra'
import type { TransportFactory } from '@millrace/core'
import { Application, json, schema, string, t, tumbling } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import { Flight } from './flights.ts'

export const TABLE_CQL = (keyspace: string): readonly string[] => [
  `CREATE TYPE ${keyspace}.delays (total bigint, longest int)`,
  `CREATE TABLE ${keyspace}.weeks (
     origin text, window_start timestamp, flights int, delays frozen<delays>,
     destinations map<text, int>, PRIMARY KEY (origin, window_start))`,
]

const Week = schema({
  flights: t.int32(),
  delays: t.json<{ total: number; longest: number }>(),
  destinations: t.json<Record<string, number>>(),
})

export function flightsOf(app: Application) {
  return app.topic('flights', {
    key: string(),
    keyColumn: 'origin',
    value: json(Flight),
    timestamp: 'date',
    create: { partitions: 2 },
  })
}

export function weeks(broker: TransportFactory, client: Client, keyspace: string): Application {
  const app = new Application({ id: 'weeks', broker })
  app
    .dataframe(flightsOf(app))
    .groupBy('origin')
    .window(tumbling('7d'))
    .reduce({
      schema: Week,
      init: ({ destination, delay }) => ({
        flights: 1,
        delays: { total: delay, longest: delay },
        destinations: { [destination]: 1 },
      }),
      add: ({ flights, delays, destinations }, { destination, delay }) => ({
        flights: flights + 1,
        delays: { total: delays.total + delay, longest: Math.max(delays.longest, delay) },
        destinations: { ...destinations, [destination]: (destinations[destination] ?? 0) + 1 },
      }),
    })
    .final()
    .sink(
      cassandra(client).table(`${keyspace}.weeks`, {
        key: ['origin', 'window_start'],
        skip: ['window_end'],
        ttl: '365d',
      }),
    )
  return app
}
