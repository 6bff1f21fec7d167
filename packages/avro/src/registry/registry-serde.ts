/**
 * The Avro serde with a registry: each record says by an id or a GUID which schema wrote it.
 *
 *   reading   ids that are not known yet are fetched before a batch is decoded, by
 *             `writer-schemas.ts`; what cannot be known fails that record
 *   writing   the schema is looked up, taken by its id or as the latest one, or registered where
 *             that is asked for, once, before the first record of a run; it is never guessed
 *
 * Both framings are read always; which one is written is a choice.
 */
import {
  type Batch,
  type ByteRanges,
  type ByteWriter,
  type Decoder,
  type Encoder,
  type Headers,
  MillraceError,
  type ScalarSerde,
  type Schema,
  type Serde,
  type SerdePlace,
} from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { cellEncoder, type EncodeCell } from '../codec/cell-encoder.ts'
import { ColumnDecoder, schemaOf } from '../codec/column-decoder.ts'
import { columnEncoder } from '../codec/column-encoder.ts'
import { decodeFramed } from '../codec/framed-decoder.ts'
import { keyShape } from '../codec/key-shape.ts'
import type { ValueForm } from '../codec/value-form.ts'
import type { RegisteredSchema } from './registered-schema.ts'
import { headerOf, invalid, RegisteredWriter, type WriterParts } from './registered-writer.ts'
import { registry, SchemaRegistry } from './registry.ts'
import { RegistryDecoder } from './registry-decoder.ts'
import type { RegistryOptions } from './registry-options.ts'
import { RuledEncoder } from './ruled-encoder.ts'
import { type RecordSerializer, type RegistryRules, RuledRecords } from './ruled-records.ts'
import type { SubjectStrategy } from './subject.ts'
import { type RuledReading, WriterSchemas } from './writer-schemas.ts'

/** Which registered schema records are written with. */
export type WriterChoice =
  | 'latest'
  | { readonly id: number }
  /** The latest version whose metadata has these properties. */
  | { readonly metadata: Readonly<Record<string, string>> }

export interface RegistryAvroOptions extends Partial<ValueForm> {
  /** A client of its own is made of a URL or of options. */
  readonly registry: SchemaRegistry | string | RegistryOptions
  /** The subject, or how it is named. Default `topicName`: `orders-value`. */
  readonly subject?: string | SubjectStrategy
  /** What records are written with, unless `writer` chooses; what rows look like, too. */
  readonly schema?: unknown
  /** What rows look like, where that is another schema. Without either rows are open. */
  readonly readerSchema?: unknown
  /** Default: `schema`, which the subject must have. */
  readonly writer?: WriterChoice
  /** Registers `schema` where the subject does not have it. Default false. */
  readonly autoRegister?: boolean
  /** The registry compares a normal form of `schema`. Default false. */
  readonly normalize?: boolean
  /** `'id'`: in front of the value; `'guid'`: in a header. Both are read. Default `'id'`. */
  readonly framing?: 'id' | 'guid'
  /**
   * Runs the rules (CEL, JSONata, encryption) of schemas that have some, a record at a time. What
   * it does not run stops the run with NOT_SUPPORTED: reading such a record, writing with such a
   * schema.
   */
  readonly rules?: RegistryRules
}

/** @throws INVALID_ARGUMENT */
export function registrySerde(options: RegistryAvroOptions, form: ValueForm): Serde {
  return serdeAt(serdeParts(options, form), null)
}

function serdeParts(options: RegistryAvroOptions, form: ValueForm): SerdeParts {
  const { schema, readerSchema = schema, framing = 'id', autoRegister = false } = options
  if (framing !== 'id' && framing !== 'guid') {
    throw invalid(`framing is 'id' or 'guid'; got ${JSON.stringify(framing)}`)
  }
  if (autoRegister && (schema === undefined || options.writer !== undefined)) {
    throw invalid('autoRegister registers `schema`: give one, and no `writer`')
  }
  checkRules(options)
  const client = options.registry
  return {
    options,
    form,
    schemas: client instanceof SchemaRegistry ? client : registry(client),
    writer: schema === undefined ? null : parseSchema(schema),
    reader: readerSchema === undefined ? null : parseSchema(readerSchema),
  }
}

function checkRules({ rules, readerSchema }: RegistryAvroOptions): void {
  if (rules === undefined) return
  const { deserializer, serializer } = rules
  if (deserializer === undefined && serializer === undefined) {
    throw invalid('rules have a deserializer, for reading, or a serializer, for writing, or both')
  }
  if (deserializer !== undefined && typeof deserializer?.deserialize !== 'function') {
    throw invalid('rules.deserializer is an AvroDeserializer of @confluentinc/schemaregistry')
  }
  if (serializer !== undefined && typeof serializer?.serialize !== 'function') {
    throw invalid('rules.serializer is an AvroSerializer of @confluentinc/schemaregistry')
  }
  if (rules.gives !== undefined && rules.gives !== 'writer' && rules.gives !== 'reader') {
    throw invalid(`rules.gives is 'writer' or 'reader'; got ${JSON.stringify(rules.gives)}`)
  }
  if (rules.gives === 'reader' && readerSchema === undefined) {
    throw invalid("with rules.gives 'reader' give the `readerSchema` that values are of")
  }
}

interface SerdeParts extends WriterParts {
  readonly form: ValueForm
  readonly reader: AvroSchema | null
}

function serdeAt(parts: SerdeParts, place: SerdePlace | null): Serde {
  const { reader, form } = parts
  return Object.freeze<Serde>({
    name: 'avro',
    schema: schemaOf(reader, form),
    at: at => serdeAt(parts, at),
    decoder: read => decoderOf(parts, place, new ColumnDecoder({ reader, read, form })),
    encoder: frame => new RegistryEncoder(parts, place, frame),
  })
}

function decoderOf(
  { schemas, options }: SerdeParts,
  place: SerdePlace | null,
  columns: ColumnDecoder,
): Decoder {
  const deserializer = options.rules?.deserializer
  const writers = new WriterSchemas(schemas, headerOf(place), ruledReading(options))
  if (deserializer === undefined) return new RegistryDecoder(columns, writers)
  const records = new RuledRecords(deserializer, place)
  const run = (ranges: ByteRanges) => {
    return records.prepare(ranges, index => writers.ruledAt(ranges, index))
  }
  return {
    prepare: ranges => writers.prepare(ranges)?.then(() => run(ranges)) ?? run(ranges),
    decode: ranges => decodeFramed(columns, ...records.replaced(ranges, writers)),
  }
}

function ruledReading({ rules, readerSchema }: RegistryAvroOptions): RuledReading | null {
  if (rules?.deserializer === undefined) return null
  if (rules.gives !== 'reader') return { reader: null }
  const schema = typeof readerSchema === 'string' ? readerSchema : JSON.stringify(readerSchema)
  return { reader: { schema, references: [] } }
}

class RegistryEncoder implements Encoder {
  readonly #parts: SerdeParts
  readonly #frame: Schema
  readonly #isOne: boolean
  readonly #registered: RegisteredWriter
  readonly #place: SerdePlace | null
  /** Where rules may be run, which is waited for. */
  readonly prefetch?: NonNullable<Encoder['prefetch']>
  #inner: Encoder | null = null

  constructor(parts: SerdeParts, place: SerdePlace | null, frame: Schema, isOne = false) {
    const { writer, form, options } = parts
    if (options.rules?.serializer !== undefined) {
      this.prefetch = batch => this.#inner?.prefetch?.(batch)
    }
    this.#place = place
    this.#isOne = isOne
    this.#parts = parts
    this.#frame = frame
    this.#registered = new RegisteredWriter(parts, place)
    // What does not fit is said at the user's line.
    if (writer !== null && options.writer === undefined)
      columnEncoder(writer, frame, { form, isOne })
  }

  async prepare(): Promise<void> {
    const { form } = this.#parts
    const { writer, prefix, registered, hasRules } = await this.#registered.choose()
    const how = { form, isOne: this.#isOne }
    this.#inner = hasRules
      ? this.#ruled(registered, columnEncoder(writer, this.#frame, how))
      : columnEncoder(writer, this.#frame, { ...how, prefix })
  }

  #ruled(registered: RegisteredSchema, plain: Encoder): Encoder {
    const serializer = this.#parts.options.rules?.serializer as RecordSerializer
    if (this.#place === null) throw invalid('rules are run for a topic, and there is none')
    const { topic } = this.#place
    return new RuledEncoder({ serializer, topic, registered, head: this.#registered, plain })
  }

  headers(given: Headers): Headers {
    return this.#registered.headers(given)
  }

  encode(batch: Batch, index: number, out: ByteWriter): void {
    if (this.#inner === null) throw unprepared()
    this.#inner.encode(batch, index, out)
  }
}

/**
 * Keys, one cell each.
 * @throws INVALID_ARGUMENT
 */
export function registryKeySerde(options: RegistryAvroOptions, form: ValueForm): ScalarSerde {
  const parts = serdeParts(options, form)
  if (parts.reader === null) {
    throw invalid('keys have one type: give `schema`, or `readerSchema` where they are only read')
  }
  if (options.rules?.serializer !== undefined) {
    throw invalid('keys are not written with rules: take rules.serializer away')
  }
  return keySerdeAt(parts, parts.reader, null)
}

function keySerdeAt(parts: SerdeParts, reader: AvroSchema, place: SerdePlace | null): ScalarSerde {
  const { form } = parts
  let registered: RegisteredWriter | null = null
  let encode: EncodeCell | null = null
  return Object.freeze<ScalarSerde>({
    ...keyShape(reader, form),
    at: at => keySerdeAt(parts, reader, at),
    decoder: read => {
      return decoderOf(parts, place, new ColumnDecoder({ reader, read, form, isOne: true }))
    },
    encoder: frame => new RegistryEncoder(parts, place, frame, true),
    prepare: async () => {
      registered ??= new RegisteredWriter(parts, place)
      const { writer, prefix } = await registered.choose()
      encode = cellEncoder(writer, form, prefix)
    },
    headers: given => registered?.headers(given) ?? given,
    encodeCell: (cell, out) => {
      if (encode === null) throw unprepared()
      encode(cell, out)
    },
  })
}

function unprepared(): MillraceError {
  return new MillraceError('INTERNAL', 'encode came before prepare.')
}
