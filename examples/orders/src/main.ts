/**
 * `npm run example -- orders [--broker host:port]`: orders filtered, priced and routed to two
 * topics, with dead letters for the bad ones.
 *
 * One application writes the orders of a web shop, another one routes them. Then everything is read
 * back and compared with a plain loop over the same orders.
 */
import { parseArgs } from 'node:util'
import { Application, MillraceError, type TransportFactory } from '@millrace/core'
import { embeddedBroker, kafka } from '@millrace/kafka'
import { generateOrders } from './generate.ts'
import {
  type Letter,
  type PricedOrder,
  type Routed,
  readRouted,
  routeOrders,
  writeOrders,
} from './orders.ts'
import { type Expected, recompute } from './recompute.ts'

const USAGE = `npm run example -- orders [options]

  --broker HOST:PORT  a Kafka broker; without it one runs inside this process`

const ORDERS = 5_000

/** With a broker of the user's, or with one in this process that ends afterwards. */
async function main(address: string | undefined): Promise<void> {
  if (address !== undefined) {
    // The broker has the topics of earlier runs, so each run has topics of its own.
    await show(kafka({ 'bootstrap.servers': address }), `-${Date.now().toString(36)}`)
    return
  }
  const embedded = embeddedBroker()
  await embedded.start()
  await show(embedded, '').finally(() => embedded.close())
}

async function show(broker: TransportFactory, run: string): Promise<void> {
  const names = {
    orders: `orders${run}`,
    large: `orders-large${run}`,
    standard: `orders-standard${run}`,
    dead: `orders-dead${run}`,
  }
  const lines = generateOrders(ORDERS)
  const writer = new Application({ id: `orders-writer${run}`, broker })
  writeOrders(writer, names, lines)
  await writer.run()

  const router = new Application({ id: `orders-router${run}`, broker })
  routeOrders(router, names)
  console.log(`${router.explain()}\n`)
  await router.run({ until: 'end' })

  const routed = await readRouted(router, names)
  const { large, standard, dead } = routed
  console.table(reasons(dead))
  const expected = recompute(lines)
  const counts = `large=${large.length} standard=${standard.length} dead=${dead.length}`
  const isEqual = equals(routed, expected)
  const { cancelled } = expected
  console.log(`\norders=${lines.length} ${counts} cancelled=${cancelled} equal=${isEqual}`)
  if (!isEqual) process.exitCode = 1
}

/** Dead letters by what was wrong, with one of each. */
function reasons(letters: readonly Letter[]) {
  const table = new Map<string, { why: string; letters: number; 'for example': string }>()
  for (const { info } of letters) {
    const where = info?.step ?? 'reading'
    const why = `${info?.code} in ${where}: ${info?.message.split(/, got |\. /)[0]}`
    const example = `partition ${info?.partition} offset ${info?.offset}`
    const row = table.get(why) ?? { why, letters: 0, 'for example': example }
    table.set(why, row)
    row.letters++
  }
  return [...table.values()]
}

function equals({ large, standard, dead }: Routed, expected: Expected): boolean {
  const texts = dead.map(({ text }) => text)
  return (
    isSame(large.map(lineOf), expected.large) &&
    isSame(standard.map(lineOf), expected.standard) &&
    isSame(texts, expected.dead)
  )
}

/** In whatever order: the topics have several partitions. */
function isSame(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort())
}

function lineOf({ id, customer, placed_at, total_cents }: PricedOrder): string {
  return `${id} ${customer} ${placed_at} ${total_cents}`
}

// Each kind of bad record is logged once in ten seconds; the table says it better.
process.env['MILLRACE_LOG'] ??= 'silent'
try {
  const { values } = parseArgs({
    options: { broker: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) console.log(USAGE)
  else await main(values.broker)
} catch (error) {
  const isUsage =
    error instanceof Error && 'code' in error && `${error.code}`.startsWith('ERR_PARSE')
  console.error(
    MillraceError.is(error) ? error.message : isUsage ? `${error.message}\n\n${USAGE}` : error,
  )
  process.exitCode = 1
}
