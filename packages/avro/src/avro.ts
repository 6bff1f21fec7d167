/**
 * The Avro serde without a registry: values of one schema, bare or in single-object encoding.
 *
 * Each field of a record is a column; what core has no column type for (nested records, arrays,
 * maps, unions of several types) is a json column whose values are made when they are asked for.
 * `codec/value-form.ts` says how every type looks.
 */
import type { Serde } from '@millrace/core'
import type { SchemaRow } from './avro-row.ts'
import { schemaOf } from './codec/column-decoder.ts'
import { columnEncoder } from './codec/column-encoder.ts'
import { type AvroOptions, PlainCodec, valueForm } from './plain-codec.ts'
import { type RegistryAvroOptions, registrySerde } from './registry/registry-serde.ts'

/**
 * Avro values whose schemas are in a registry. Rows have the type of `readerSchema`, else of
 * `schema`, where that is a literal.
 * @throws INVALID_ARGUMENT when a schema is not valid.
 *
 * @example
 * app.topic('purchases', { value: avro({ registry: schemas, readerSchema: Purchase }) })
 */
export function avro<const O extends RegistryAvroOptions>(
  options: O,
): Serde<SchemaRow<ReadSchema<O>, O>>
/**
 * Avro values of one schema. Rows have the type of `readerSchema`, else of `schema`, where that is
 * a literal.
 * @throws INVALID_ARGUMENT when a schema is not valid.
 *
 * @example
 * app.topic('purchases', { value: avro(Purchase) })
 */
export function avro<const S, const O extends AvroOptions = AvroOptions>(
  schema: S,
  options?: O,
): Serde<SchemaRow<O extends { readonly readerSchema: infer R } ? R : S, O>>
// biome-ignore lint/suspicious/noExplicitAny: rows of a schema whose type is not known.
export function avro(schema: unknown, options: AvroOptions = {}): Serde<any> {
  if (hasRegistry(schema)) return registrySerde(schema, valueForm(schema))
  const codec = new PlainCodec(schema, options)
  const { form, prefix } = codec
  return Object.freeze<Serde>({
    name: 'avro',
    schema: schemaOf(codec.reader, form),
    decoder: read => codec.decoder(read),
    encoder: frame => columnEncoder(codec.writer, frame, { form, prefix }),
  })
}

/** The schema that rows are read as. */
export type ReadSchema<O extends RegistryAvroOptions> = O extends {
  readonly readerSchema: infer R
}
  ? R
  : O extends { readonly schema: infer S }
    ? S
    : unknown

export function hasRegistry(value: unknown): value is RegistryAvroOptions {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'registry')
}
