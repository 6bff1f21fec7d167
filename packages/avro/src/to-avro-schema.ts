/**
 * A frame's schema as an Avro schema: a record with a field per column, a nullable column as a
 * union with null in front and null as its default.
 */
import { type DataType, MillraceError, type Schema } from '@millrace/core'
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
  const fields = schema.fields.map(field => {
    const type = typeOf(field.name, field.type)
    if (!field.type.isNullable) return { name: field.name, type }
    return { name: field.name, type: ['null', type], default: null }
  })
  return { type: 'record', name, fields }
}

function typeOf(name: string, type: DataType): unknown {
  const { kind, precision, scale } = type
  const avro =
    kind === 'decimal' ? { type: 'bytes', logicalType: kind, precision, scale } : TYPES[kind]
  if (avro !== undefined && isName(name)) return avro
  const fault = avro === undefined ? `is ${type}, which has no one Avro type` : 'is no Avro name'
  throw new MillraceError(
    'SCHEMA_MISMATCH',
    `column ${JSON.stringify(name)} ${fault}. ` +
      'Write the Avro schema by hand, or leave the column out with select.',
    { field: name },
  )
}
