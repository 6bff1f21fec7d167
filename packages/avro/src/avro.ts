/**
 * The Avro serde without a registry: values of one schema, bare or in single-object encoding.
 *
 * Each field of a record is a column; what core has no column type for (nested records, arrays,
 * maps, unions of several types) is a json column whose values are made when they are asked for.
 * `codec/value-form.ts` says how every type looks.
 */
import { type Decoder, MillraceError, type Serde } from '@millrace/core'
import type { SchemaRow } from './avro-row.ts'
import type { AvroSchema } from './avro-schema/avro-schema.ts'
import { parseSchema } from './avro-schema/parse-schema.ts'
import { ColumnDecoder, schemaOf } from './codec/column-decoder.ts'
import { columnEncoder } from './codec/column-encoder.ts'
import { decodeFramed } from './codec/framed-decoder.ts'
import { singleObjectHead, singleObjectReader } from './codec/single-object.ts'
import { EXACT_FORM, type ValueForm } from './codec/value-form.ts'
import { type RegistryAvroOptions, registrySerde } from './registry/registry-serde.ts'

export interface AvroOptions extends Partial<ValueForm> {
  /** What rows look like, where that is another schema than the one data is written with. */
  readonly readerSchema?: unknown
  /**
   * `'plain'`: the bare value; who reads it must know the schema. `'single-object'`: with a marker
   * and the schema's fingerprint in front. Default `'plain'`.
   */
  readonly encoding?: 'plain' | 'single-object'
  /** Single-object encoding: further schemas that values may have been written with. */
  readonly writerSchemas?: readonly unknown[]
}

/**
 * Avro values whose schemas are in a registry. Rows have the type of `readerSchema`, else of
 * `schema`, where that is a literal.
 * @throws INVALID_ARGUMENT when a schema is not valid.
 *
 * @example
 * app.topic('purchases', { value: avro({ registry: schemas, readerSchema: Purchase }) })
 */
export function avro<const O extends RegistryAvroOptions>(options: O): Serde<RegistryRow<O>>
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
  return Object.freeze<Serde>({
    name: 'avro',
    schema: schemaOf(codec.reader, codec.form),
    decoder: read => codec.decoder(read, false),
    encoder: frame => columnEncoder(codec.writer, frame, codec.encoding(false)),
  })
}

/** The rows of a serde with a registry. */
export type RegistryRow<O extends RegistryAvroOptions> = SchemaRow<
  O extends { readonly readerSchema: infer R }
    ? R
    : O extends { readonly schema: infer S }
      ? S
      : unknown,
  O
>

function hasRegistry(value: unknown): value is RegistryAvroOptions {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'registry')
}

class PlainCodec {
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly form: ValueForm
  readonly #isSingleObject: boolean
  readonly #writers: readonly AvroSchema[]

  constructor(schema: unknown, options: AvroOptions) {
    const { readerSchema, encoding = 'plain', writerSchemas = [] } = options
    this.writer = parseSchema(schema)
    this.reader = readerSchema === undefined ? this.writer : parseSchema(readerSchema)
    this.form = valueForm(options)
    if (encoding !== 'plain' && encoding !== 'single-object') {
      throw invalid("encoding must be 'plain' or 'single-object'", encoding)
    }
    this.#isSingleObject = encoding === 'single-object'
    this.#writers = [this.writer, this.reader, ...writerSchemas.map(each => parseSchema(each))]
  }

  decoder(read: Parameters<Serde['decoder']>[0], isOne: boolean): Decoder {
    const { writer, reader, form } = this
    const columns = new ColumnDecoder({ reader, read, form, isOne })
    if (this.#isSingleObject) {
      const readFrame = singleObjectReader(this.#writers)
      return { decode: ranges => decodeFramed(columns, ranges, readFrame) }
    }
    return {
      decode: ranges => {
        const decoding = columns.begin(ranges)
        decoding.scan(writer, 0, ranges.count)
        return decoding.end()
      },
    }
  }

  encoding(isOne: boolean): { form: ValueForm; isOne: boolean; prefix: Uint8Array } {
    const prefix = this.#isSingleObject ? singleObjectHead(this.writer) : new Uint8Array(0)
    return { form: this.form, isOne, prefix }
  }
}

/** @throws INVALID_ARGUMENT */
export function valueForm({ long, time }: Partial<ValueForm>): ValueForm {
  if (long !== undefined && long !== 'bigint' && long !== 'number') {
    throw invalid("long must be 'bigint' or 'number'", long)
  }
  if (time !== undefined && time !== 'exact' && time !== 'milliseconds') {
    throw invalid("time must be 'exact' or 'milliseconds'", time)
  }
  return Object.freeze({ long: long ?? EXACT_FORM.long, time: time ?? EXACT_FORM.time })
}

function invalid(expected: string, got: unknown): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `avro: ${expected}; got ${JSON.stringify(got)}.`)
}
