/**
 * What a user says about several tables that one frame is written to, and its checked form.
 *
 * What is computed for a table that is chosen is computed for its records alone: it is null for
 * the others, so that what cannot be computed for them is nobody's error.
 */
import {
  type Columns,
  type Expression,
  lit,
  MillraceError,
  type Operand,
  type Schema,
  when,
} from '@millrace/core'
import { parseTableName } from './cql-name.ts'
import type { TableOf } from './open-writers.ts'
import { checkNames, wrong } from './option-checks.ts'
import { parseTableOptions, type TableOptions } from './table-options.ts'
import { type ValueSource, valueFrom, type WrittenValue } from './value-source.ts'

/** One of several tables. */
export interface TableEntry<Row> extends TableOptions<Row> {
  /** `keyspace.table`, as for `table(…)`. */
  readonly table: string
}

export interface TablesOptions<Row> {
  /**
   * Which of the tables a record is written to: a column with their names here, or an expression
   * that gives one. A record for which it gives another name, or null, goes to the policy of the
   * step. Without it each record is written to all of them.
   */
  readonly choose?: ValueSource<Row>
}

export interface TablesSettings {
  /** In the order of `names`. */
  readonly tables: readonly TableOf[]
  readonly names: readonly string[]
  /** The column with a name for each record; null = all records are for all tables. */
  readonly choose: string | null
  readonly computed: ReadonlyMap<string, WrittenValue>
}

const OPTIONS: { readonly [K in keyof Required<TablesOptions<object>>]: true } = { choose: true }

/** @throws INVALID_ARGUMENT */
export function parseTables(
  tables: Readonly<Record<string, TableEntry<never>>>,
  options: TablesOptions<never>,
): TablesSettings {
  checkNames('tables', options, OPTIONS)
  const names = Object.keys(Object(tables) as object)
  if (names.length === 0) {
    throw wrong("tables needs tables by names: { orders: { table: 'shop.orders', … }, … }")
  }
  const computed = new Map<string, WrittenValue>()
  const source = (options as { readonly choose?: unknown }).choose
  const choose = source === undefined ? null : valueFrom('choose', source, computed)
  if (source !== undefined && choose === null) {
    throw wrong(
      'choose is a column of the frame or an expression over its columns; got ' +
        `${JSON.stringify(source)}`,
    )
  }
  const uses = choose === null ? [] : [choose]
  const parsed = names.map((name): TableOf => {
    const { table, ...rest } = (tables[name] ?? {}) as TableEntry<Record<string, unknown>>
    if (typeof table !== 'string') {
      throw wrong(`table ${JSON.stringify(name)} needs its name in Cassandra: table: 'shop.orders'`)
    }
    const settings = parseTableOptions(rest, `${name}.`)
    for (const [column, value] of settings.computed) {
      computed.set(column, choose === null ? value : forChosen(name, source, value))
    }
    return { name: parseTableName(table), settings: { ...settings, uses } }
  })
  return { tables: parsed, names, choose, computed }
}

type AnyColumns = Columns<Record<string, unknown>>

/** A value for the records of one table; null for those of others. */
function forChosen(name: string, choose: unknown, value: WrittenValue): WrittenValue {
  return ((c: AnyColumns) => {
    const choice = typeof choose === 'string' ? c[choose] : written(choose, c)
    const isChosen = (choice as { eq(other: Operand): Expression<boolean | null> }).eq(name)
    return when(isChosen)
      .then(written(value, c) as Operand)
      .otherwise(null)
  }) as never
}

function written(value: unknown, columns: AnyColumns): unknown {
  const made = typeof value === 'function' ? value(columns) : value
  return typeof made === 'string' ? lit(made) : made
}

/** @throws UNKNOWN_COLUMN, SCHEMA_MISMATCH when the column cannot hold names of tables. */
export function checkChoice({ choose, names }: TablesSettings, schema: Schema): void {
  if (choose === null) return
  const type = schema.typeOf(choose)
  if (type.kind === 'string' || type.kind === 'json') return
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `choose gives the name of a table as text (${names.join(', ')}); column ` +
      `${JSON.stringify(choose)} is ${type}.`,
  )
}
