/**
 * A declared topic: what `app.topic` gives. Nothing is opened or created before the application
 * runs.
 */
import { MillraceError } from '../errors.ts'
import { columnsOf } from '../expr/columns.ts'
import { Expression } from '../expr/expression.ts'
import type { Columns } from '../expr/facets.ts'
import { topicSchema } from '../plan/source.ts'
import type { TopicDefinition } from '../plan/topic-definition.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { TopicCreation } from '../record/topic-creation.ts'
import { describeValue } from '../schema/refusal.ts'
import { json } from '../serde/json.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import type { Serde } from '../serde/serde.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { parsePolicy } from './step.ts'

export interface TopicOptions<Row, Key = unknown> {
  /** How values are encoded. Default `json()`. */
  readonly value?: Serde<Row>
  /** How keys are encoded. Default: keys are bytes that nobody looks into. */
  readonly key?: ScalarSerde<Key>
  /**
   * The column that holds the record key; then `groupBy` of it needs no repartition. Needs `key`.
   */
  readonly keyColumn?: string
  /** Event time: a column, or an expression over the columns. Default: the record's timestamp. */
  readonly timestamp?:
    | (keyof Row & string)
    | ((c: Columns<Row>) => Expression<number | bigint | null>)
  /**
   * How far behind the newest record of its partition a record may be without being late. Default
   * 0.
   */
  readonly disorder?: Duration
  /**
   * How long a partition must have been read to its end before it stops holding event time back.
   * Default '10s'.
   */
  readonly idle?: Duration | 'never'
  /** What happens to a record that cannot be decoded. Default: that of the application. */
  readonly onError?: ErrorPolicy
  /** Create the topic when it is missing at run. Default: a missing topic is an error. */
  readonly create?: TopicCreation
}

/** A topic with the row type of its records. */
// biome-ignore lint/suspicious/noExplicitAny: a topic of any row, as in Array<any>.
export class Topic<Row = any> {
  /** Only for the type checker. */
  declare readonly row: Row
  readonly definition: TopicDefinition

  constructor(definition: TopicDefinition) {
    this.definition = definition
    Object.freeze(this)
  }

  get name(): string {
    return this.definition.name
  }
}

const NAME = /^[a-zA-Z0-9._-]{1,249}$/

/** @throws INVALID_ARGUMENT, UNKNOWN_COLUMN, TYPE_MISMATCH at the line that declares the topic. */
export function topicDefinition<Row, Key>(
  name: string,
  options: TopicOptions<Row, Key>,
  defaultPolicy: ErrorPolicy,
): TopicDefinition {
  checkTopicName(name)
  const { keyColumn = null, create = null } = options
  const { key, value } = serdesOf(name, options)
  if (keyColumn !== null && key === null) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `topic ${JSON.stringify(name)} has a keyColumn and no key serde. Say how keys are ` +
        'encoded, for example key: string().',
      { topic: name },
    )
  }
  checkCreation(name, create)
  const definition: TopicDefinition = {
    name,
    key,
    keyColumn,
    value,
    timestamp: null,
    disorderMs: durationMs(options.disorder ?? 0, 'disorder'),
    idleMs: idleMs(options.idle ?? '10s'),
    onError: parsePolicy(options.onError, defaultPolicy),
    create,
  }
  checkKeyColumn(definition)
  return Object.freeze({ ...definition, timestamp: timestampOf(definition, options.timestamp) })
}

/** @throws INVALID_ARGUMENT */
export function checkTopicName(name: unknown): void {
  if (typeof name === 'string' && NAME.test(name) && name !== '.' && name !== '..') return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    'a topic name is 1 to 249 letters, digits, dots, underscores or hyphens; got ' +
      `${describeValue(name)}.`,
  )
}

function timestampOf<Row>(
  definition: TopicDefinition,
  timestamp: TopicOptions<Row>['timestamp'],
): TopicDefinition['timestamp'] {
  if (timestamp === undefined) return null
  const schema = topicSchema(definition)
  const columns = columnsOf<Row>(schema)
  const expression: unknown =
    typeof timestamp === 'function'
      ? timestamp(columns)
      : (columns as Record<string, Expression>)[timestamp]
  if (!(expression instanceof Expression)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'timestamp takes a column name or a callback such as c => c.ts.mul(1000), which gives an ' +
        `expression; got ${describeValue(expression)}.`,
      { topic: definition.name },
    )
  }
  const expr = expression.toExpr(schema)
  if (['timestamp', 'float64', 'int32', 'int64', 'json'].includes(expr.type.kind)) return expr
  throw new MillraceError(
    'TYPE_MISMATCH',
    `event time must be a timestamp or epoch milliseconds; got type ${expr.type}. Declare ` +
      'the column as t.timestamp().',
    { topic: definition.name },
  )
}

/** Serdes that must know their topic are told. */
function serdesOf<Row, Key>(
  topic: string,
  {
    key = null,
    value = json(),
  }: { readonly key?: ScalarSerde<Key> | null; readonly value?: Serde },
): { readonly key: ScalarSerde<Key> | null; readonly value: Serde<Row> } {
  checkSerdes(topic, value, key)
  return {
    key: key?.at?.({ topic, part: 'key' }) ?? key,
    value: value.at?.({ topic, part: 'value' }) ?? value,
  }
}

function checkSerdes(topic: string, value: Serde, key: ScalarSerde | null): void {
  const isValue = typeof value?.decoder === 'function'
  const isKey = key === null || typeof key?.encodeCell === 'function'
  if (isValue && isKey) return
  const [option, example, got] = isValue ? ['key', 'string()', key] : ['value', 'json()', value]
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `topic ${JSON.stringify(topic)} needs a serde as ${option}, for example ${example}; got ` +
      `${describeValue(got)}.`,
    { topic },
  )
}

function checkKeyColumn(definition: TopicDefinition): void {
  const { key, keyColumn, name } = definition
  if (key === null || keyColumn === null || !definition.value.schema.has(keyColumn)) return
  const type = definition.value.schema.typeOf(keyColumn)
  if (type.kind === key.type.kind) return
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `keyColumn ${JSON.stringify(keyColumn)} is ${type} in the value and ${key.type} in the ` +
      'key. Make them one type.',
    { topic: name, field: keyColumn },
  )
}

/** @throws INVALID_ARGUMENT */
export function checkCreation(name: string, create: TopicCreation | null): void {
  if (create === null) return
  if (Number.isInteger(create.partitions) && create.partitions > 0) return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `create.partitions must be a whole number > 0; got ${JSON.stringify(create.partitions)}.`,
    { topic: name },
  )
}

function idleMs(idle: Duration | 'never'): number {
  return idle === 'never' ? Number.POSITIVE_INFINITY : durationMs(idle, 'idle')
}

/** A topic with a `keyColumn` needs to know how keys are encoded. */
export type KeyColumn<Key, Column extends string> =
  | { readonly keyColumn?: never }
  | { readonly keyColumn: Column; readonly key: ScalarSerde<Key> }

/** The row type of a topic: the value's columns, and the key column where there is one. */
export type TopicRow<Row, Key, Column extends string> = string extends Column
  ? Row
  : { [K in keyof Row | Column]: K extends keyof Row ? Row[K] : Key }
