/** Values for Cassandra: columns of the frame, or expressions over its columns. */
import { type Columns, Expression, type Operand, type SinkDefinition } from '@millrace/core'

/** A column of the frame; the compiler knows them where the sink is given to a frame. */
export type ColumnOf<Row> = string extends keyof NoInfer<Row> ? string : keyof NoInfer<Row> & string

/**
 * A value for Cassandra: a column of the frame, or what is computed of its columns by an
 * expression, as in `withColumns`.
 */
export type ValueSource<Row> =
  | ColumnOf<Row>
  | ((c: Columns<NoInfer<Row>>) => Operand)
  | Expression<unknown>

/** An expression, or a callback over the columns of the frame that gives one. */
export type WrittenValue = Expression<unknown> | ((columns: never) => unknown)

/**
 * The column of the frame that holds a value; one that is computed will be there under `name`, and
 * goes into `computed`. Null: it is no value.
 */
export function valueFrom(
  name: string,
  source: unknown,
  computed: Map<string, WrittenValue>,
): string | null {
  if (typeof source === 'string') return source
  if (typeof source !== 'function' && !(source instanceof Expression)) return null
  computed.set(name, source as WrittenValue)
  return name
}

/** Has expressions computed in front of the sink. */
export function computing(
  values: ReadonlyMap<string, WrittenValue>,
): Pick<SinkDefinition, 'computes'> {
  if (values.size === 0) return {}
  return {
    computes: c =>
      Object.fromEntries(
        [...values].map(([name, value]) => [name, typeof value === 'function' ? value(c) : value]),
      ),
  }
}
