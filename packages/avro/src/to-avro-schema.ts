/**
 * A frame's schema as an Avro schema: a record with a field per column, a nullable column as a
 * union with null in front and null as its default. Structs are records named after their column.
 */
import { type DataType, type Field, MillraceError, type Schema } from '@millrace/core'
import { isFullName, isName } from './avro-schema/names.ts'

const TYPES: Readonly<Record<string, unknown>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'int',
  int64: 'long',
  float64: 'double',
  timestamp: { type: 'long', logicalType: 'timestamp-millis' },
  bytes: 'bytes',
}

/**
 * The Avro schema that rows of a frame's schema can be written with, as JSON.
 * @param name of the record, with its namespace: `shop.Purchase`.
 * @throws SCHEMA_MISMATCH where a column has no Avro type (json) or no Avro name.
 *
 * @example
 * toAvroSchema(totals.schema, 'shop.Total')
 */
export function toAvroSchema(schema: Schema, name: string): object {
  if (!isFullName(name)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `the name of an Avro record is letters, digits, _ and dots; got ${JSON.stringify(name)}.`,
    )
  }
  if (schema.isOpen) {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `an open schema ${schema} has no Avro schema. Declare its columns, or select them.`,
    )
  }
  const fields = schema.fields.map(field => fieldOf(field, name))
  return { type: 'record', name, fields }
}

/** @param within the name of the record that it is a field of. */
function fieldOf({ name, type }: Field, within: string): object {
  const field = { name, type: typeOf(name, type, within) }
  return type.isNullable ? { ...field, type: ['null', field.type], default: null } : field
}

function typeOf(name: string, type: DataType, within: string): unknown {
  const avro = avroType(name, type, `${within}_${name}`)
  if (avro !== undefined && isName(name)) return avro
  const fault = avro === undefined ? `is ${type}, which has no one Avro type` : 'is no Avro name'
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `column ${JSON.stringify(name)} ${fault}. ` +
      'Write the Avro schema by hand, or leave the column out with select.',
    { field: name },
  )
}

/** @param named what a record made of it is called. */
function avroType(name: string, type: DataType, named: string): unknown {
  const { kind, precision, scale, item, fields } = type
  if (kind === 'decimal') return { type: 'bytes', logicalType: kind, precision, scale }
  if (kind === 'struct') {
    return { type: 'record', name: named, fields: fields.map(field => fieldOf(field, named)) }
  }
  if (item === undefined) return TYPES[kind]
  const items = avroType(name, item, named)
  if (items === undefined) return undefined
  return { type: 'array', items: item.isNullable ? ['null', items] : items }
}
