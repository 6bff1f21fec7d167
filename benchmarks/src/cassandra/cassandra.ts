/**
 * Rows per second into one table: Millrace against what is written by hand with the same driver.
 *
 * All four in one process on one node, interleaved; each round writes a table of its own, whose
 * rows are counted afterwards. Millrace runs a whole application over an array. CPU is that of the
 * process, which is the client's alone.
 */
import { cassandra } from '@millrace/cassandra'
import { Application, fromArray, schema, t } from '@millrace/core'
import driver from 'cassandra-driver'
import type { Verdict } from '../benchmarks.ts'
import { grouped, median, mib, table as textTable } from '../figures.ts'
import { COLUMNS, type Purchase, purchases } from './purchase.ts'
import { concurrent, plainExecute, unloggedBatches } from './rivals.ts'

type Client = driver.Client
type Writer = (client: Client, table: string, rows: readonly Purchase[]) => Promise<void>

const SERVICE = new URL('../../../scripts/services/cassandra.mjs', import.meta.url)
const KEYSPACE =
  "CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
const Row = schema({ user: t.string(), at: t.timestamp(), amount: t.float64(), note: t.string() })

const WRITERS: ReadonlyMap<string, Writer> = new Map([
  ['millrace', millrace],
  ['batches', unloggedBatches],
  ['concurrent', concurrent],
  ['execute', plainExecute],
])

async function millrace(client: Client, table: string, rows: readonly Purchase[]): Promise<void> {
  const app = new Application({ id: 'bench' })
  app
    .dataframe(fromArray(rows, { schema: Row, timestamp: 'at' }))
    .sink(cassandra(client).table(table))
  await app.run({ until: 'end' })
}

export async function cassandraBenchmark(
  _: unknown,
  args: readonly string[],
): Promise<readonly Verdict[]> {
  const rounds = Number(args[0] ?? 5)
  const rows = purchases(Number(args[1] ?? 100_000))
  const { startCassandra } = await import(SERVICE.href)
  const server = await startCassandra()
  const { contactPoints, localDataCenter, port } = server
  const client = new driver.Client({
    contactPoints: [...contactPoints],
    localDataCenter,
    protocolOptions: { port },
    profiles: [
      new driver.ExecutionProfile('bench', {
        consistency: driver.types.consistencies.localQuorum,
      }),
    ],
  })
  try {
    await client.execute(KEYSPACE)
    const rates = await measure(client, rows, rounds)
    return report(rates)
  } finally {
    await client.shutdown()
    await server.stop()
  }
}

type Rates = Map<string, { rates: number[]; cpuUs: number[]; heapBytes: number }>

/** The first round warms up and does not count. */
async function measure(client: Client, rows: readonly Purchase[], rounds: number): Promise<Rates> {
  const figures: Rates = new Map()
  for (let round = 0; round <= rounds; round++) {
    for (const [name, write] of WRITERS) {
      const table = `bench.${name}_${round}`
      await client.execute(`CREATE TABLE ${table} (${COLUMNS})`)
      const began = performance.now()
      const cpuBefore = process.cpuUsage()
      await write(client, table, rows)
      const { user, system } = process.cpuUsage(cpuBefore)
      const rate = rows.length / ((performance.now() - began) / 1_000)
      await countRows(client, table, rows.length)
      const figure = figures.get(name) ?? { rates: [], cpuUs: [], heapBytes: 0 }
      if (round > 0) {
        figure.rates.push(rate)
        figure.cpuUs.push((user + system) / rows.length)
      }
      figure.heapBytes = Math.max(figure.heapBytes, process.memoryUsage().heapUsed)
      figures.set(name, figure)
      await client.execute(`TRUNCATE ${table}`)
    }
    console.log(`round ${round} of ${rounds}${round === 0 ? ' (warm-up)' : ''}`)
  }
  return figures
}

async function countRows(client: Client, table: string, count: number): Promise<void> {
  let found = 0
  let pageState: string | undefined
  do {
    const options = { prepare: true, fetchSize: 5_000, ...(pageState && { pageState }) }
    const page = await client.execute(`SELECT user FROM ${table}`, [], options)
    found += page.rows.length
    pageState = page.pageState ?? undefined
  } while (pageState !== undefined)
  if (found !== count) throw new Error(`${table} has ${found} rows, not ${count}`)
}

function report(figures: Rates): Verdict[] {
  const rateOf = (name: string) => median(figures.get(name)?.rates ?? [])
  const rows = [...figures].map(([name, { rates, cpuUs, heapBytes }]) => [
    name,
    grouped(rateOf(name)),
    `${grouped(Math.min(...rates))} – ${grouped(Math.max(...rates))}`,
    median(cpuUs).toFixed(1),
    mib(heapBytes),
  ])
  const head = ['writer', 'rows/s', 'spread', 'client CPU µs/row', 'heap at most']
  console.log(textTable([head, ...rows]))
  const best = Math.max(rateOf('batches'), rateOf('concurrent'))
  const ofBest = rateOf('millrace') / best
  const ofPlain = rateOf('millrace') / rateOf('execute')
  return [
    {
      isMet: ofBest >= 0.9,
      text: `${ofBest.toFixed(2)} × the best written by hand (at least 0.9)`,
    },
    {
      isMet: ofPlain >= 3,
      text: `${ofPlain.toFixed(2)} × plain execute, 100 at once (at least 3)`,
    },
  ]
}
