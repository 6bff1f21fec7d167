import { MillraceError, type ScalarSerde, Schema } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { VALUE_COLUMN } from './scan-plan.ts'
import { columnType, type ValueForm } from './value-form.ts'

/**
 * What keys read as a schema are: one cell of its type.
 * @throws INVALID_ARGUMENT when the schema allows null.
 */
export function keyShape(
  reader: AvroSchema,
  form: ValueForm,
): Pick<ScalarSerde, 'name' | 'type' | 'schema'> {
  const type = columnType(reader.type, form)
  if (type.isNullable) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'avroKey: a null key has no bytes, so the schema of keys has no null. Take it out of the ' +
        'union.',
    )
  }
  return { name: 'avro', type, schema: new Schema([{ name: VALUE_COLUMN, type }]) }
}
