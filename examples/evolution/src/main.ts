/**
 * `npm run example -- evolution [--broker host:port] [--registry URL]`: a producer moves through
 * four Avro schemas while the pipeline that reads it runs on.
 */
import { parseArgs } from 'node:util'
import { embeddedRegistry, registry, type SchemaRegistry } from '@millrace/avro'
import { Application, MillraceError, type TransportFactory } from '@millrace/core'
import { embeddedBroker, kafka } from '@millrace/kafka'
import { generateOrders, rowOf } from './generate.ts'
import { type Large, largeTopic, produce, readLarge, type TopicNames } from './pipeline.ts'
import { recompute } from './recompute.ts'
import { BROKEN, VERSIONS } from './schemas.ts'

const USAGE = `npm run example -- evolution [options]

  --broker HOST:PORT  a Kafka broker; without it one runs inside this process
  --registry URL      a schema registry with Confluent's API; without it one runs here, too`

const ORDERS_OF_VERSION = 1_000

interface Options {
  readonly broker: string | undefined
  readonly registry: string | undefined
}

/** With a broker and a registry of the user's, or with some in this process that end afterwards. */
async function main(options: Options): Promise<void> {
  const broker = options.broker === undefined ? embeddedBroker() : null
  const embedded = options.registry === undefined ? embeddedRegistry() : null
  await broker?.start()
  await embedded?.start()
  // Brokers and registries have what earlier runs left, so each run has names of its own.
  const isShared = broker === null || embedded === null
  const run = isShared ? `-${Date.now().toString(36)}` : ''
  const schemas = registry(embedded?.url ?? (options.registry as string))
  const transport = broker ?? kafka({ 'bootstrap.servers': options.broker as string })
  try {
    await show(transport, schemas, run)
  } finally {
    schemas.close()
    await broker?.close()
    await embedded?.close()
  }
}

async function show(broker: TransportFactory, schemas: SchemaRegistry, run: string): Promise<void> {
  const names: TopicNames = { orders: `orders${run}`, large: `orders-large${run}` }
  const subject = `${names.orders}-value`
  const expected: string[] = []
  const reader = new Application({ id: `evolution-reader${run}`, broker })
  const total = VERSIONS.length * ORDERS_OF_VERSION
  const stop = new AbortController()
  const allSeen = countTo(total)
  readLarge(reader, schemas, names, allSeen.count)

  await rollOut(1)
  const reading = reader.run({ signal: stop.signal })
  for (let version = 2; version <= VERSIONS.length; version++) await rollOut(version)
  await Promise.race([allSeen.reached, reading])
  stop.abort()
  await reading

  const refusal = await schemas.register(subject, JSON.stringify(BROKEN)).catch(error => error)
  console.log(`\nversion ${VERSIONS.length + 1} is refused:\n${refusal.message}`)
  const rows = await reader.dataframe(largeTopic(reader, names.large)).collect()
  const isEqual = isSame(rows.map(lineOf), expected)
  console.log(`\nversions=${VERSIONS.length} rows=${rows.length} equal=${isEqual}`)
  if (!isEqual || !MillraceError.is(refusal)) process.exitCode = 1

  /** The schema first, then the producer that needs it. */
  async function rollOut(version: number): Promise<void> {
    const text = JSON.stringify(VERSIONS[version - 1])
    if (version === 1) await schemas.setCompatibilityMode(subject, 'BACKWARD')
    await schemas.requireCompatible(subject, text)
    const { id } = await schemas.register(subject, text)
    const orders = generateOrders(version, ORDERS_OF_VERSION)
    const rows = orders.map(order => rowOf(version, order))
    const app = new Application({ id: `evolution-producer${run}-${version}`, broker })
    produce(app, schemas, names.orders, { version, rows })
    await app.run({ until: 'end' })
    expected.push(...recompute(version, orders))
    console.log(`version ${version} is registered as schema ${id}: ${rows.length} orders written`)
  }
}

function countTo(total: number): { readonly reached: Promise<void>; count(): void } {
  let seen = 0
  let reach = () => {}
  const reached = new Promise<void>(resolve => {
    reach = resolve
  })
  return {
    reached,
    count: () => {
      seen++
      if (seen === total) reach()
    },
  }
}

function lineOf({ id, buyer, cents, currency, state }: Large): string {
  return `${id} ${buyer} ${cents} ${currency} ${state}`
}

/** In whatever order: the topics have several partitions. */
function isSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort())
}

// What the broker in this process says of itself is of no interest here.
process.env['MILLRACE_LOG'] ??= 'silent'
try {
  const { values } = parseArgs({
    options: {
      broker: { type: 'string' },
      registry: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(USAGE)
  else await main({ broker: values.broker, registry: values.registry })
} catch (error) {
  const isUsage =
    error instanceof Error && 'code' in error && `${error.code}`.startsWith('ERR_PARSE')
  console.error(
    MillraceError.is(error) ? error.message : isUsage ? `${error.message}\n\n${USAGE}` : error,
  )
  process.exitCode = 1
}
