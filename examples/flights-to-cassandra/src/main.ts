/**
 * `npm run example -- flights-to-cassandra --cassandra HOST:PORT`: delays of flights per airport
 * and week, through Kafka into a table, and the table compared with a plain loop.
 */
import { parseArgs } from 'node:util'
import { Application, fromArray } from '@millrace/core'
import { embeddedBroker } from '@millrace/kafka'
import { Client } from 'cassandra-driver'
import { Flight, readFlights } from './flights.ts'
import { expectedRows, rowText } from './recompute.ts'
import { flightsOf, TABLE_CQL, weeks } from './weeks.ts'

const USAGE = `npm run example -- flights-to-cassandra --cassandra HOST:PORT [options]

  --cassandra HOST:PORT  a node; npm run services -- up cassandra starts one
  --data-center NAME     where it is; datacenter1
  --keep                 leave the keyspace there at the end`

async function main(address: string, dataCenter: string, keep: boolean): Promise<void> {
  const [host = '', port = '9042'] = address.split(':')
  const client = new Client({
    contactPoints: [host],
    localDataCenter: dataCenter,
    protocolOptions: { port: Number(port) },
  })
  const keyspace = `flights_${Date.now().toString(36)}`
  const broker = embeddedBroker()
  await broker.start()
  try {
    await client.execute(
      `CREATE KEYSPACE ${keyspace} WITH replication = ` +
        "{'class': 'SimpleStrategy', 'replication_factor': 1}",
    )
    for (const cql of TABLE_CQL(keyspace)) await client.execute(cql)
    const flights = readFlights()
    const input = new Application({ id: 'flights-in', broker })
    input
      .dataframe(fromArray(flights, { schema: Flight, timestamp: 'date' }))
      .toTopic(flightsOf(input))
    await input.run({ until: 'end' })
    await weeks(broker, client, keyspace).run({ until: 'end', flush: true })
    const { rows } = await client.execute(`SELECT JSON * FROM ${keyspace}.weeks`, [], {
      fetchSize: 5_000,
    })
    const stored = rows.map(row => storedText(String(row['[json]']))).sort()
    const expected = expectedRows(flights)
    const isEqual = stored.join('\n') === expected.join('\n')
    console.log(`rows=${stored.length} equal=${isEqual}`)
    if (!isEqual) process.exitCode = 1
  } finally {
    if (!keep) await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
    await client.shutdown()
    await broker.close()
  }
}

function storedText(json: string): string {
  const { origin, window_start, flights, delays, destinations } = JSON.parse(json)
  return rowText(`${origin} ${Date.parse(window_start)}`, flights, delays, destinations)
}

try {
  const { values } = parseArgs({
    options: {
      cassandra: { type: 'string' },
      'data-center': { type: 'string', default: 'datacenter1' },
      keep: { type: 'boolean', default: false },
    },
  })
  if (values.cassandra === undefined) throw new Error('--cassandra is missing')
  await main(values.cassandra, values['data-center'], values.keep)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof Error && /--|Unknown option/.test(error.message)) console.error(`\n${USAGE}`)
  process.exitCode = 1
}
