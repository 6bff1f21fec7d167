/** The producer of one version, and the pipeline that reads all of them. */
import { avro, type SchemaRegistry } from '@millrace/avro'
import {
  type Application,
  fromArray,
  json,
  type RowOf,
  type Serde,
  schema,
  string,
  t,
} from '@millrace/core'
import { COLUMNS, READ_BY, VERSIONS } from './schemas.ts'

export interface TopicNames {
  readonly orders: string
  readonly large: string
}

const LARGE_CENTS = 100_000
const create = { partitions: 2 }

const Large = schema({
  id: t.string(),
  placed_at: t.timestamp(),
  buyer: t.string(),
  cents: t.int64({ as: 'number' }),
  currency: t.string(),
  state: t.string(),
})
export type Large = RowOf<typeof Large>

/** Rows of a version, written with its schema, which the subject must have by then. */
export function produce(
  app: Application,
  schemas: SchemaRegistry,
  topic: string,
  { version, rows }: { readonly version: number; readonly rows: readonly object[] },
): void {
  const columns = COLUMNS[version - 1] as (typeof COLUMNS)[number]
  const value = avro({ registry: schemas, schema: VERSIONS[version - 1], long: 'number' })
  const source = fromArray(rows as never[], {
    schema: columns as never,
    key: 'id',
    timestamp: 'placed_at',
  })
  app.dataframe(source).toTopic(app.topic(topic, { value, create }))
}

/** Whoever reads names the columns as it knows them, whatever version a record was written with. */
export function readLarge(
  app: Application,
  schemas: SchemaRegistry,
  { orders, large }: TopicNames,
  seen: () => void,
): void {
  const value: Serde<Large> = avro({ registry: schemas, readerSchema: READ_BY, long: 'number' })
  app
    .dataframe(app.topic(orders, { key: string(), value, timestamp: 'placed_at', create }))
    .tap(seen)
    .where(c => c.cents.gte(LARGE_CENTS))
    .toTopic(largeTopic(app, large))
}

export function largeTopic(app: Application, large: string) {
  return app.topic(large, { key: string(), value: json(Large), create })
}
