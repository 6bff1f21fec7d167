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
  type ByteWriter,
  type Encoder,
  type Headers,
  MillraceError,
  type Schema,
  type Serde,
  type SerdePlace,
} from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { isNamed } from '../avro-schema/avro-type.ts'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { ColumnDecoder, schemaOf } from '../codec/column-decoder.ts'
import { columnEncoder } from '../codec/column-encoder.ts'
import { decodeFramed } from '../codec/framed-decoder.ts'
import type { ValueForm } from '../codec/value-form.ts'
import { parseWhole } from './check-compatibility.ts'
import type { RegisteredSchema } from './registered-schema.ts'
import { registry, SchemaRegistry } from './registry.ts'
import type { RegistryOptions } from './registry-options.ts'
import { type SubjectStrategy, topicName } from './subject.ts'
import { guidFrame, idFrame, KEY_SCHEMA_HEADER, VALUE_SCHEMA_HEADER } from './wire-frame.ts'
import { WriterSchemas } from './writer-schemas.ts'

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
}

/** @throws INVALID_ARGUMENT */
export function registrySerde(options: RegistryAvroOptions, form: ValueForm): Serde {
  const { schema, readerSchema = schema, framing = 'id', autoRegister = false } = options
  if (framing !== 'id' && framing !== 'guid') {
    throw invalid(`framing is 'id' or 'guid'; got ${JSON.stringify(framing)}`)
  }
  if (autoRegister && (schema === undefined || options.writer !== undefined)) {
    throw invalid('autoRegister registers `schema`: give one, and no `writer`')
  }
  const client = options.registry
  const parts: SerdeParts = {
    options,
    form,
    schemas: client instanceof SchemaRegistry ? client : registry(client),
    writer: schema === undefined ? null : parseSchema(schema),
    reader: readerSchema === undefined ? null : parseSchema(readerSchema),
  }
  return serdeAt(parts, null)
}

interface SerdeParts {
  readonly options: RegistryAvroOptions
  readonly form: ValueForm
  readonly schemas: SchemaRegistry
  /** Of `schema`. */
  readonly writer: AvroSchema | null
  readonly reader: AvroSchema | null
}

function serdeAt(parts: SerdeParts, place: SerdePlace | null): Serde {
  const { reader, form, schemas } = parts
  return Object.freeze<Serde>({
    name: 'avro',
    schema: schemaOf(reader, form),
    at: at => serdeAt(parts, at),
    decoder: read => {
      const columns = new ColumnDecoder({ reader, read, form })
      const writers = new WriterSchemas(schemas, headerOf(place))
      return {
        prepare: ranges => writers.prepare(ranges),
        decode: ranges => decodeFramed(columns, ranges, writers.readFrame),
      }
    },
    encoder: frame => new RegistryEncoder(parts, place, frame),
  })
}

class RegistryEncoder implements Encoder {
  readonly #parts: SerdeParts
  readonly #place: SerdePlace | null
  readonly #frame: Schema
  #inner: Encoder | null = null
  /** Null: the id stands in front of values. */
  #header: { readonly name: string; readonly value: Uint8Array } | null = null

  constructor(parts: SerdeParts, place: SerdePlace | null, frame: Schema) {
    const { writer, form } = parts
    this.#parts = parts
    this.#place = place
    this.#frame = frame
    if (writer === null && parts.options.writer === undefined) {
      throw invalid('to write records, give `schema` or `writer`: no schema is guessed from rows')
    }
    // What does not fit is said at the user's line.
    if (writer !== null && parts.options.writer === undefined)
      columnEncoder(writer, frame, { form })
  }

  async prepare(): Promise<void> {
    const { form, options } = this.#parts
    const registered = await this.#registered()
    const isGuid = options.framing === 'guid'
    const prefix = isGuid ? Buffer.alloc(0) : idFrame(registered.id)
    if (isGuid) this.#header = { name: headerOf(this.#place), value: headerValue(registered) }
    this.#inner = columnEncoder(parseWhole(registered), this.#frame, { form, prefix })
  }

  headers(given: Headers): Headers {
    const header = this.#header
    if (header === null) return given
    return [...given.filter(({ name }) => name !== header.name), header]
  }

  encode(batch: Batch, index: number, out: ByteWriter): void {
    if (this.#inner === null) throw new MillraceError('INTERNAL', 'encode came before prepare.')
    this.#inner.encode(batch, index, out)
  }

  #registered(): Promise<RegisteredSchema> {
    const { options, schemas } = this.#parts
    const { writer, schema, normalize = false } = options
    if (writer === 'latest') return schemas.latest(this.#subject())
    if (writer !== undefined && 'id' in writer) return schemas.schemaById(writer.id)
    if (writer !== undefined) return schemas.latestWithMetadata(this.#subject(), writer.metadata)
    const text = typeof schema === 'string' ? schema : JSON.stringify(schema)
    const how = { normalize }
    return options.autoRegister === true
      ? schemas.register(this.#subject(), text, how)
      : schemas.lookup(this.#subject(), text, how)
  }

  #subject(): string {
    const { subject = topicName } = this.#parts.options
    if (typeof subject === 'string') return subject
    if (this.#place === null) throw invalid('the subject is not known outside of a topic: name it')
    const type = this.#parts.writer?.type
    const recordName = type !== undefined && isNamed(type) ? type.name : null
    const { topic, part } = this.#place
    return subject({ topic, isKey: part === 'key', recordName })
  }
}

function headerOf(place: SerdePlace | null): string {
  return place?.part === 'key' ? KEY_SCHEMA_HEADER : VALUE_SCHEMA_HEADER
}

function headerValue({ guid, id }: RegisteredSchema): Buffer {
  if (guid !== null) return guidFrame(guid)
  throw new MillraceError(
    'NOT_SUPPORTED',
    `the schema registry gives no GUID for schema id ${id}. Use framing 'id'.`,
  )
}

function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `avro: ${text}.`)
}
