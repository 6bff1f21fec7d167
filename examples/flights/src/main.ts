/**
 * `npm run example -- flights [--broker host:port] [--fast] [--json]`: real flight delays through
 * Kafka, live in the terminal.
 *
 * One application writes 20,000 flights into a topic, at a pace that can be watched; another one
 * reads it and keeps a table of delays per airport and week. It ends when all of them are counted.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Application, fromArray, MillraceError, type TransportFactory } from '@millrace/core'
import { embeddedBroker, kafka } from '@millrace/kafka'
import {
  type Delays,
  delaysByOrigin,
  PARTITIONS,
  printLive,
  readDelays,
  shown,
  type Topics,
  writeFlights,
} from './delays.ts'
import { busiest, closingRows, Flight, readFlights } from './flights.ts'
import { paced } from './paced.ts'

const USAGE = `npm run example -- flights [options]

  --broker HOST:PORT  a Kafka broker; without it one runs inside this process
  --fast              as fast as it goes
  --json              print the results as lines of JSON, no table`

const WEEK_MS = 7 * 86_400_000
const SHOW_MS = 6_000
const AIRPORTS_SHOWN = 12

interface Settings {
  readonly broker?: string
  readonly fast: boolean
  readonly json: boolean
}

/** With a broker of the user's, or with one in this process that ends afterwards. */
async function main(settings: Settings): Promise<void> {
  if (settings.broker !== undefined) {
    await show(kafka({ 'bootstrap.servers': settings.broker }), settings)
    return
  }
  const embedded = embeddedBroker()
  await embedded.start()
  await show(embedded, settings).finally(() => embedded.close())
}

async function show(broker: TransportFactory, settings: Settings): Promise<void> {
  const { broker: address, fast, json } = settings
  // A broker that is kept has the topics of earlier runs, so each run has topics of its own.
  const run = address === undefined ? '' : `-${Date.now().toString(36)}`
  const topics = { flights: `flights${run}`, delays: `delays-by-origin${run}` }

  const flights = readFlights()
  const weekEnd = Math.ceil(Math.max(...flights.map(({ date }) => date)) / WEEK_MS) * WEEK_MS
  const rows = [...flights, ...closingRows(flights, weekEnd)]
  const source = fromArray(rows, { schema: Flight, timestamp: 'date', key: 'origin' })

  const writer = new Application({ id: `flights-writer${run}`, broker, commitInterval: '100ms' })
  writeFlights(writer, topics, fast ? source : paced(source, rows.length, SHOW_MS))
  const reader = new Application({ id: `flights-reader${run}`, broker, commitInterval: '250ms' })
  const delays = delaysByOrigin(reader, topics)

  const airports = busiest(flights, AIRPORTS_SHOWN)
  const isLive = !json && process.stdout.isTTY === true
  if (isLive) printLive(delays, airports)
  if (!json) console.log(heading(topics, flights.length, address))
  if (await runBoth(writer, reader, weekEnd)) return

  const results = await readDelays(reader, topics)
  if (json) for (const row of results) console.log(JSON.stringify(row))
  else if (!isLive) console.table(latest(results, airports).map(shown))
  const closing = `rows=${flights.length} windows=${results.length}`
  if (json) console.error(closing)
  else console.log(`\n${closing}`)
}

function heading({ flights, delays }: Topics, count: number, address: string | undefined): string {
  const broker = address ?? 'a Kafka broker inside this process'
  return `${count.toLocaleString('en-US')} flights of January to March 2001, on ${broker}:
topic ${flights} -> delays per airport and week -> topic ${delays}
The busiest airports, week by week:
`
}

/** The last week of each of these airports, for output that cannot be drawn again in place. */
function latest(results: readonly Delays[], airports: readonly string[]): Delays[] {
  const last = new Map(results.map(row => [row.origin, row]))
  return [...airports].sort().flatMap(origin => last.get(origin) ?? [])
}

/** Until event time has reached `end` in all of the reader's partitions; true for Ctrl+C. */
async function runBoth(writer: Application, reader: Application, end: number): Promise<boolean> {
  const stop = new AbortController()
  let wasInterrupted = false
  const interrupt = (): void => {
    wasInterrupted = true
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  const options = { signal: stop.signal, handleSignals: false }
  const reading = reader.run(options)
  try {
    const tasks = () => reader.status().tasks
    await Promise.race([reading, until(() => tasks().length === PARTITIONS, stop.signal)])
    await Promise.race([reading, writer.run(options)])
    const isDone = () => tasks().every(({ watermark }) => watermark !== null && watermark >= end)
    await Promise.race([reading, until(isDone, stop.signal)])
  } finally {
    stop.abort()
    await reading
    process.off('SIGINT', interrupt)
  }
  return wasInterrupted
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition() && !signal.aborted) await sleep(10)
}

// What is said at level info would stand between the lines of the table.
process.env['MILLRACE_LOG'] ??= 'warn'
try {
  const { values } = parseArgs({
    options: {
      broker: { type: 'string' },
      fast: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(USAGE)
  else await main(values)
} catch (error) {
  const isUsage =
    error instanceof Error && 'code' in error && `${error.code}`.startsWith('ERR_PARSE')
  console.error(
    MillraceError.is(error) ? error.message : isUsage ? `${error.message}\n\n${USAGE}` : error,
  )
  process.exitCode = 1
}
