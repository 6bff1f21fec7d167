import { type Field, Schema } from '../schema/schema.ts'
import type { ColumnsRead } from './serde.ts'

/**
 * The schema of what a decoder gives: the schema itself for all columns, else the columns named,
 * in the order they are named. Undeclared columns of an open schema are nullable `json`.
 * @throws UNKNOWN_COLUMN for a name that a closed schema does not have.
 */
export function schemaRead(schema: Schema, read: ColumnsRead): Schema {
  if (read === 'all') return schema
  const fields = [...new Set(read)].map((name): Field => ({ name, type: schema.typeOf(name) }))
  return new Schema(fields)
}
