/**
 * The pipeline: orders that are not cancelled, with their total in euro, to one of two topics by
 * its size; what cannot be read or priced to a topic of dead letters.
 */
import {
  type Application,
  bytes,
  type DeadLetterInfo,
  deadLetter,
  deadLetterInfo,
  fromArray,
  json,
  type RowOf,
  schema,
  string,
  t,
} from '@millrace/core'
import type { OrderLine } from './generate.ts'

const Order = schema({
  id: t.string(),
  customer: t.string(),
  placed_at: t.timestamp(),
  status: t.string(),
  currency: t.string(),
  quantity: t.int32(),
  unit_cents: t.int32(),
})

/** A row of the topics behind: an order with what it is worth. */
export const PricedOrder = schema({
  id: t.string(),
  customer: t.string(),
  placed_at: t.timestamp(),
  total_cents: t.int64({ as: 'number' }),
})
export type PricedOrder = RowOf<typeof PricedOrder>

/** From so many cents on an order is a large one. */
const LARGE_CENTS = 100_000
const EURO: ReadonlyMap<string, number> = new Map([
  ['EUR', 1],
  ['USD', 0.92],
  ['GBP', 1.17],
  ['NOK', 0.085],
])

export interface TopicNames {
  readonly orders: string
  readonly large: string
  readonly standard: string
  readonly dead: string
}

/** The topics, as writer and reader declare them. */
function topicsOf(app: Application, names: TopicNames) {
  const create = { partitions: 4 }
  const priced = { key: string(), value: json(PricedOrder), create }
  const dead = app.topic(names.dead, { key: string(), value: bytes(), create })
  return {
    /** As the shop writes it: whatever it is. */
    raw: app.topic(names.orders, { value: bytes(), create }),
    /** As the pipeline reads it; a value that is no order becomes a dead letter. */
    orders: app.topic(names.orders, {
      key: string(),
      value: json(Order),
      timestamp: 'placed_at',
      onError: deadLetter(dead),
      create,
    }),
    large: app.topic(names.large, priced),
    standard: app.topic(names.standard, priced),
    dead,
  }
}

/** Writes the lines into the topic of orders, good and bad ones. */
export function writeOrders(
  app: Application,
  names: TopicNames,
  lines: readonly OrderLine[],
): void {
  const rows = lines.map(({ customer, text, at }) => ({ customer, at, value: Buffer.from(text) }))
  const Line = schema({ customer: t.string(), at: t.timestamp(), value: t.bytes() })
  const source = fromArray(rows, { schema: Line, key: 'customer', timestamp: 'at' })
  app.dataframe(source).select('value').toTopic(topicsOf(app, names).raw)
}

export function routeOrders(app: Application, names: TopicNames): void {
  const { orders, large, standard, dead } = topicsOf(app, names)
  const priced = app
    .dataframe(orders)
    .where(c => c.status.ne('cancelled'))
    .withColumns(c => ({ cents: c.quantity.mul(c.unit_cents) }))
    .map(inEuro, { schema: PricedOrder, onError: deadLetter(dead) })
  priced.where(c => c.total_cents.gte(LARGE_CENTS)).toTopic(large)
  priced.where(c => c.total_cents.lt(LARGE_CENTS)).toTopic(standard)
}

/** Throws for a currency that has no rate: the order becomes a dead letter. */
function inEuro(order: RowOf<typeof Order> & { cents: number }): PricedOrder {
  const { id, customer, placed_at, currency, cents } = order
  const rate = EURO.get(currency)
  if (rate === undefined) throw new RangeError(`no rate for ${currency}`)
  return { id, customer, placed_at, total_cents: Math.round(cents * rate) }
}

/** A dead letter: what was sent, and why it did not get through. */
export interface Letter {
  readonly text: string
  readonly info: DeadLetterInfo | null
}

export interface Routed {
  readonly large: readonly PricedOrder[]
  readonly standard: readonly PricedOrder[]
  readonly dead: readonly Letter[]
}

/** What is in the three topics. */
export async function readRouted(app: Application, names: TopicNames): Promise<Routed> {
  const { large, standard, dead } = topicsOf(app, names)
  const letters: Letter[] = []
  // Of all steps only this one sees headers.
  const opened = app.dataframe(dead).withHeaders(({ value }, headers) => {
    letters.push({ text: Buffer.from(value).toString(), info: deadLetterInfo(headers) })
    return headers
  })
  await opened.collect()
  return {
    large: await app.dataframe(large).collect(),
    standard: await app.dataframe(standard).collect(),
    dead: letters,
  }
}
