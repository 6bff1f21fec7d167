/**
 * `npm run example -- flights-to-arrow [--python PATH]`: live flights as Parquet by day, and as a
 * table on which scikit-learn trains while it grows; both compared with plain loops.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Application, type TransportFactory } from '@millrace/core'
import { embeddedBroker, kafka } from '@millrace/kafka'
import { type Flight, readFlights } from './flights.ts'
import { flightsToArrow, writeFlights } from './live.ts'
import { runPython } from './python.ts'
import { expectedFit, expectedRows, type Fit } from './recompute.ts'

const USAGE = `npm run example -- flights-to-arrow [options]

  --python PATH       a Python that has pyarrow and scikit-learn; python3
  --broker HOST:PORT  a Kafka broker; without it one runs inside this process
  --out FOLDER        where the Parquet files go, and stay; an empty folder
  --plot FILE         draw what was learnt, as SVG`

interface Settings {
  readonly python: string
  readonly broker?: string
  readonly out?: string
  readonly plot?: string
}

/** A line of train.py. */
interface Trained extends Fit {
  readonly rows: number
}

const FIT_ERROR_MAX = 1e-6

/** With a broker and a folder of the user's, or with some that end afterwards. */
async function main(settings: Settings): Promise<void> {
  const embedded = settings.broker === undefined ? embeddedBroker() : null
  await embedded?.start()
  const broker = embedded ?? kafka({ 'bootstrap.servers': settings.broker as string })
  const folder = settings.out ?? (await mkdtemp(join(tmpdir(), 'flights-to-arrow-')))
  try {
    await show(broker, folder, settings)
  } finally {
    if (settings.out === undefined) await rm(folder, { recursive: true, force: true })
    await embedded?.close()
  }
}

async function show(broker: TransportFactory, folder: string, settings: Settings): Promise<void> {
  const flights = readFlights()
  const trained = await learn(broker, folder, flights, settings)
  if (trained === undefined) return
  const rows: string[] = []
  const { signal } = new AbortController()
  await runPython('read_days.py', [folder], { ...settings, signal }, line => rows.push(line))
  const isEqual =
    rows.sort().join('\n') === expectedRows(flights).join('\n') &&
    trained.rows === flights.length &&
    isSameFit(trained, expectedFit(flights))
  console.log(`rows=${rows.length} equal=${isEqual}`)
  if (!isEqual) process.exitCode = 1
}

/** Runs until the model knows all flights, and gives what it learnt last; undefined: Ctrl+C. */
async function learn(
  broker: TransportFactory,
  folder: string,
  flights: readonly Flight[],
  { python, plot }: Settings,
): Promise<Trained | undefined> {
  // A broker that is kept has the topics of earlier runs, so each run has one of its own.
  const topic = `flights-${Date.now().toString(36)}`
  const stop = new AbortController()
  const { signal } = stop
  const writer = new Application({ id: `${topic}-in`, broker, commitInterval: '250ms' })
  writeFlights(writer, topic, flights)
  const reader = new Application({ id: `${topic}-out`, broker, commitInterval: '500ms' })
  const served = await flightsToArrow(reader, topic, folder)
  let last: Trained | undefined
  let follow = (): void => {}
  const followed = new Promise<void>(resolve => {
    follow = resolve
  })
  const tell = (line: string): void => {
    last = JSON.parse(line) as Trained
    const { rows, perHour, perMile } = last
    if (rows === 0) {
      follow()
      return
    }
    const effects = `${perHour.toFixed(2)} an hour, ${(perMile * 1_000).toFixed(2)} per 1000 miles`
    console.log(`${rows} flights: minutes of delay: ${effects}`)
  }
  const args = [served.url, `${flights.length}`, ...(plot === undefined ? [] : [plot])]
  const reading = reader.run({ signal })
  const training = runPython('train.py', args, { python, signal }, tell)
  // The first flight waits for whoever learns from it, so that it is seen to learn.
  const writing = Promise.race([followed, training]).then(() => writer.run({ signal }))
  const working = [writing, training]
  let isDone = false
  try {
    isDone = await Promise.race([reading.then(() => false), Promise.all(working).then(() => true)])
  } finally {
    stop.abort()
    await Promise.allSettled([reading, ...working])
    await served.close()
  }
  // The last commit, which makes the last files visible, may have failed.
  await reading
  return isDone ? last : undefined
}

function isSameFit(found: Fit, expected: Fit): boolean {
  const isNear = (name: keyof Fit) => Math.abs(found[name] - expected[name]) < FIT_ERROR_MAX
  return isNear('intercept') && isNear('perHour') && isNear('perMile')
}

// What is said at level info would stand between what was learnt.
process.env['MILLRACE_LOG'] ??= 'warn'
try {
  const { values } = parseArgs({
    options: {
      python: { type: 'string', default: 'python3' },
      broker: { type: 'string' },
      out: { type: 'string' },
      plot: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(USAGE)
  else await main(values)
} catch (error) {
  const isUsage =
    error instanceof Error && 'code' in error && `${error.code}`.startsWith('ERR_PARSE')
  const message = error instanceof Error ? error.message : String(error)
  console.error(isUsage ? `${message}\n\n${USAGE}` : message)
  process.exitCode = 1
}
