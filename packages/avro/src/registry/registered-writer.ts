/**
 * Which registered schema records of a topic are written with, and how they say so: chosen once,
 * before the first record of a run. It is never guessed.
 */
import { bounded, type Headers, MillraceError, type SerdePlace } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { isNamed } from '../avro-schema/avro-type.ts'
import { parseWhole } from './check-compatibility.ts'
import type { RegisteredSchema } from './registered-schema.ts'
import type { SchemaRegistry } from './registry.ts'
import type { RegistryAvroOptions } from './registry-serde.ts'
import { rulesFor } from './schema-rules.ts'
import { topicName } from './subject.ts'
import { guidFrame, idFrame, KEY_SCHEMA_HEADER, VALUE_SCHEMA_HEADER } from './wire-frame.ts'

export interface WriterParts {
  readonly options: RegistryAvroOptions
  readonly schemas: SchemaRegistry
  /** Of `schema`. */
  readonly writer: AvroSchema | null
}

export interface ChosenWriter {
  readonly registered: RegisteredSchema
  readonly writer: AvroSchema
  /** What stands in front of each value. */
  readonly prefix: Uint8Array
  /** It has rules that writers have to run. */
  readonly hasRules: boolean
}

export class RegisteredWriter {
  readonly #parts: WriterParts
  readonly #place: SerdePlace | null
  /** Null: the id stands in front of values. */
  #header: { readonly name: string; readonly value: Uint8Array } | null = null
  #prefix: Uint8Array = Buffer.alloc(0)

  /** @throws INVALID_ARGUMENT when there is nothing to write with. */
  constructor(parts: WriterParts, place: SerdePlace | null) {
    this.#parts = parts
    this.#place = place
    if (parts.writer !== null || parts.options.writer !== undefined) return
    throw invalid('to write records, give `schema` or `writer`: no schema is guessed from rows')
  }

  /** @throws NOT_SUPPORTED when it has rules that have to be run, and nobody runs them. */
  async choose(): Promise<ChosenWriter> {
    const registered = await this.#registered()
    const rules = rulesFor(registered.ruleSet, 'WRITE')
    const hasRules = rules.length > 0
    if (hasRules && this.#parts.options.rules?.serializer === undefined) {
      throw rulesNotRun(registered.id, rules)
    }
    const isGuid = this.#parts.options.framing === 'guid'
    if (isGuid) this.#header = { name: headerOf(this.#place), value: headerValue(registered) }
    this.#prefix = isGuid ? Buffer.alloc(0) : idFrame(registered.id)
    return { registered, writer: parseWhole(registered), prefix: this.#prefix, hasRules }
  }

  /** Whether this is how a record says that it was written with the chosen schema. */
  isHeadOf(payload: Buffer, headers: Readonly<Record<string, unknown>>): boolean {
    const prefix = this.#prefix
    if (!payload.subarray(0, prefix.length).equals(prefix)) return false
    if (this.#header === null) return true
    const { name, value } = this.#header
    const given = headers[name]
    return given instanceof Uint8Array && Buffer.compare(given, value) === 0
  }

  headers(given: Headers): Headers {
    const header = this.#header
    if (header === null) return given
    return [...given.filter(({ name }) => name !== header.name), header]
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

function rulesNotRun(id: number, rules: readonly string[]): MillraceError {
  return new MillraceError(
    'NOT_SUPPORTED',
    `schema id ${id} has rules that writers have to run (${bounded(rules.join(', '))}), and this ` +
      'serde runs none. Give it `rules` with a serializer, which writes values one by one (keys ' +
      'are not), or write with a schema without such rules.',
  )
}

/** The header that names a schema's GUID. */
export function headerOf(place: SerdePlace | null): string {
  return place?.part === 'key' ? KEY_SCHEMA_HEADER : VALUE_SCHEMA_HEADER
}

function headerValue({ guid, id }: RegisteredSchema): Buffer {
  if (guid !== null) return guidFrame(guid)
  throw new MillraceError(
    'NOT_SUPPORTED',
    `the schema registry gives no GUID for schema id ${id}. Use framing 'id'.`,
  )
}

export function invalid(text: string): MillraceError {
  return new MillraceError('INVALID_ARGUMENT', `avro: ${text}.`)
}
