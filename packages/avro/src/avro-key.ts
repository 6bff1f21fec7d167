/**
 * Record keys in Avro: one cell each, a record's a json cell. With a registry a key says by its id,
 * or a header, which schema wrote it, as values do.
 */
import type { ScalarSerde } from '@millrace/core'
import { hasRegistry, type ReadSchema } from './avro.ts'
import type { SchemaCell } from './avro-row.ts'
import { cellEncoder } from './codec/cell-encoder.ts'
import { columnEncoder } from './codec/column-encoder.ts'
import { keyShape } from './codec/key-shape.ts'
import { type AvroOptions, PlainCodec, valueForm } from './plain-codec.ts'
import { type RegistryAvroOptions, registryKeySerde } from './registry/registry-serde.ts'

/**
 * Keys whose schemas are in a registry, in the subject `TOPIC-key` unless another is named.
 * @throws INVALID_ARGUMENT when a schema is not valid, or there is neither `schema` nor
 * `readerSchema`.
 *
 * @example
 * app.topic('orders', { key: avroKey({ registry: schemas, schema: OrderKey }), keyColumn: 'key' })
 */
export function avroKey<const O extends RegistryAvroOptions>(
  options: O,
): ScalarSerde<SchemaCell<ReadSchema<O>, O>>
/**
 * Keys of one schema. The cell of a record is an object; that of another type is what a column of
 * it has. A record key can be read, passed on and written; to group by it, make columns of its
 * fields.
 * @throws INVALID_ARGUMENT when the schema is not valid, or allows null: a null key has no bytes.
 *
 * @example
 * app.topic('orders', { key: avroKey(OrderKey), keyColumn: 'key', value: avro(Order) })
 */
export function avroKey<const S, const O extends AvroOptions = AvroOptions>(
  schema: S,
  options?: O,
): ScalarSerde<SchemaCell<O extends { readonly readerSchema: infer R } ? R : S, O>>
export function avroKey(schema: unknown, options: AvroOptions = {}): ScalarSerde {
  if (hasRegistry(schema)) return registryKeySerde(schema, valueForm(schema))
  const codec = new PlainCodec(schema, options, true)
  const { form, writer } = codec
  return Object.freeze<ScalarSerde>({
    ...keyShape(codec.reader, form),
    decoder: read => codec.decoder(read),
    encoder: frame => columnEncoder(writer, frame, { form, isOne: true, prefix: codec.prefix }),
    encodeCell: cellEncoder(writer, form, codec.prefix),
  })
}
