/**
 * From a live table and what a user says to what is asked and how answers are read; or to one error
 * with everything that does not fit.
 */
import {
  type CellValue,
  type DataType,
  type Field,
  MillraceError,
  type Row,
  recordsOf,
  Schema,
  type SourceContext,
} from '@millrace/core'
import type { types } from 'cassandra-driver'
import { quoteName, showName, showTable, type TableName } from './cql-name.ts'
import { cqlText } from './cql-type.ts'
import { decodedCell } from './decode.ts'
import { failureText } from './failure-kind.ts'
import type { LiveTable, TableColumn } from './live-table.ts'
import type { SourceSettings } from './source-options.ts'
import type { FoundRow } from './source-reader.ts'
import { tableText } from './statement.ts'
import { findColumn } from './table-plan.ts'
import { fits, misfitText, typeReadAs } from './type-fit.ts'

export interface SourcePlan {
  readonly schema: Schema
  readonly partitionKey: readonly string[]
  /** The column of the table, by the name in the schema. */
  readonly columns: ReadonlyMap<string, TableColumn>
}

/** @throws SCHEMA_MISMATCH, UNKNOWN_COLUMN, TYPE_MISMATCH */
export function planSource(
  name: TableName,
  table: LiveTable,
  settings: SourceSettings,
): SourcePlan {
  const problems: string[] = []
  const schema = settings.schema ?? liveSchema(table, problems)
  const columns = new Map<string, TableColumn>()
  for (const { name: field, type } of schema.fields) {
    const wanted = settings.columns.get(field) ?? field
    const column = findColumn(table, wanted)
    if (column === null) problems.push(`the table has no column ${showName(wanted)}`)
    else if (fits(type, column.type)) columns.set(field, column)
    else
      problems.push(misfitText(field, type, `${showName(column.name)} of the table`, column.type))
  }
  if (problems.length > 0) {
    const list = problems.map(problem => `\n  - ${problem}`).join('')
    const text = `table ${showTable(name)} cannot be read like that:${list}`
    throw new MillraceError('SCHEMA_MISMATCH', text)
  }
  recordsOf(schema, 'row', settings.row)
  return { schema, partitionKey: table.partitionKey, columns }
}

function liveSchema({ columns }: LiveTable, problems: string[]): Schema {
  // A partition may have values of static columns and no row.
  const hasStatic = columns.some(({ kind }) => kind === 'static')
  const fields: Field[] = []
  for (const { name, type, kind } of columns) {
    const as = typeReadAs(type)
    const isFilled = kind === 'partition_key' || (kind === 'clustering' && !hasStatic)
    if (as !== null) fields.push({ name, type: isFilled ? as : as.nullable() })
    else {
      problems.push(
        `${showName(name)} is ${cqlText(type)}, which cannot be read: give a schema without it`,
      )
    }
  }
  return new Schema(fields)
}

/** What the plan looks at, and what the options name. */
export function readSchema(
  { schema }: SourcePlan,
  { row: { timestamp, key } }: SourceSettings,
  context: SourceContext | undefined,
): Schema {
  const read = context?.read ?? 'all'
  if (read === 'all' || typeof timestamp === 'function') return schema
  const names = new Set([...read, key, timestamp])
  return new Schema(schema.fields.filter(({ name }) => names.has(name)))
}

/** The rows of a range of tokens: the token first, then the columns. */
export function rangeCql(
  name: TableName,
  { partitionKey, columns }: SourcePlan,
  { fields }: Schema,
): string {
  const token = `token(${partitionKey.map(quoteName).join(', ')})`
  const taken = fields.map(({ name: field, type }) => {
    const column = quoteName((columns.get(field) as TableColumn).name)
    return type.kind === 'json' ? `toJson(${column})` : column
  })
  const list = [token, ...taken].join(', ')
  return `SELECT ${list} FROM ${tableText(name)} WHERE ${token} > ? AND ${token} <= ?`
}

/** Reads what `rangeCql` has found. */
export function rowReader(name: TableName, { fields }: Schema): (found: types.Row) => FoundRow {
  return found => {
    const [token, ...values] = found.values() as unknown[]
    return {
      token: BigInt(String(token)),
      row: () => {
        const cells = fields.map((field, i): [string, CellValue] => {
          return [field.name, cellOf(name, field, values[i])]
        })
        return Object.fromEntries(cells) as Row
      },
      text: () =>
        JSON.stringify(
          Object.fromEntries(fields.map((field, i) => [field.name, shown(values[i])])),
        ),
    }
  }
}

function cellOf(
  name: TableName,
  { name: field, type }: { readonly name: string; readonly type: DataType },
  value: unknown,
): CellValue {
  try {
    return decodedCell(type, value)
  } catch (error) {
    const text = `a row of ${showTable(name)}, column ${showName(field)}: ${failureText(error)}.`
    throw new MillraceError('DECODE_FAILED', text, { field, cause: error })
  }
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return Buffer.isBuffer(value) ? `0x${value.toString('hex')}` : String(value)
}
