/**
 * The JSON serde: a record's value as one JSON object, checked against a schema or open.
 *
 * Decoding follows `JSON.parse` (the last of equal names wins, fields that are not declared are
 * ignored) and is exact where that is not: whole numbers beyond 2^53 are bigint. Text that is no
 * UTF-8 fails; an escaped lone surrogate becomes U+FFFD in a string column. Numbers of timestamp
 * columns have the declared unit, bytes are base64.
 */
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'
import { OPEN_SCHEMA, Schema } from '../schema/schema.ts'
import { jsonEncoder } from './json-column-encoder.ts'
import type { JsonShape } from './json-decoder.ts'

import { jsonDecoder } from './json-scan/scan-decoder.ts'
import type { Serde } from './serde.ts'
import { isStandardSchema, type StandardOutput, type StandardSchema } from './standard-schema.ts'

/**
 * JSON values.
 *
 * With a schema every record is checked, and an output writes the columns of the schema and no
 * others. With a Standard Schema (zod, valibot, …) that schema checks, and its output is the row;
 * it must validate at once. With neither, records are open: `json<Row>()` says the row type to
 * TypeScript and checks nothing.
 *
 * @example
 * app.topic('purchases', { value: json(Purchase) })
 */
export function json<Row>(schema: Schema<Row>): Serde<Row>
export function json<S extends StandardSchema>(schema: S): Serde<StandardOutput<S>>
export function json<Row = Record<string, unknown>>(): Serde<Row>
export function json(schema?: Schema | StandardSchema): Serde {
  const shape = shapeOf(schema)
  return Object.freeze<Serde>({
    name: 'json',
    schema: shape.schema,
    decoder: read => jsonDecoder(shape, read),
    encoder: frame => jsonEncoder(frame, shape.schema),
  })
}

function shapeOf(schema: Schema | StandardSchema | undefined): JsonShape {
  if (schema === undefined) return { schema: OPEN_SCHEMA, standard: null }
  if (schema instanceof Schema) return { schema, standard: null }
  if (isStandardSchema(schema)) return { schema: OPEN_SCHEMA, standard: schema }
  throw new MillraceError(
    'INVALID_ARGUMENT',
    'json() takes a schema({...}) or a Standard Schema such as those of zod; got ' +
      `${describeValue(schema)}.`,
  )
}
