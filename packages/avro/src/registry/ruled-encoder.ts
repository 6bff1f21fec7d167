/**
 * Encodes records with a schema whose rules a serializer of the user's runs, a record at a time,
 * before their batch is encoded: the slow way, which only such schemas go.
 *
 * The serializer is given what it would get from anybody: values as avsc has them, without logical
 * types. They are read from plain Avro, as which each row is written first, so that rows are
 * checked and look as with any other schema. What the serializer gives is the record.
 */
import { type Batch, ByteWriter, bounded, type Encoder, MillraceError } from '@millrace/core'
import { Cursor } from '../codec/cursor.ts'
import { resolveSame } from '../codec/resolution.ts'
import { ValueFault } from '../codec/value-fault.ts'
import { type ValueReader, ValueReaders } from '../codec/value-reader.ts'
import type { RegisteredSchema } from './registered-schema.ts'
import type { RegisteredWriter } from './registered-writer.ts'
import {
  type RecordSerializer,
  SERDE_FORM,
  type SerializerHeaders,
  withoutLogicalTypes,
} from './ruled-records.ts'
import { awayError, workOn } from './ruled-work.ts'

export interface RuledEncoderParts {
  readonly serializer: RecordSerializer
  readonly topic: string
  readonly registered: RegisteredSchema
  /** Knows what the serializer has to say of the schema. */
  readonly head: RegisteredWriter
  /** Writes rows without rules, nothing in front. */
  readonly plain: Encoder
}

export class RuledEncoder implements Encoder {
  readonly #parts: RuledEncoderParts
  readonly #reader: ValueReader
  readonly #cursor = new Cursor()
  readonly #out = new ByteWriter()
  #batch: Batch | null = null
  /** Of that batch: what the serializer gave, or why there is nothing. */
  #written = new Map<number, Uint8Array | MillraceError>()

  constructor(parts: RuledEncoderParts) {
    this.#parts = parts
    const { type } = withoutLogicalTypes(parts.registered)
    this.#reader = new ValueReaders(SERDE_FORM).of(resolveSame(type))
  }

  /** @throws REGISTRY_UNREACHABLE, and SCHEMA_MISMATCH where another schema is written with. */
  prefetch(batch: Batch): Promise<void> | undefined {
    const written = new Map<number, Uint8Array | MillraceError>()
    this.#batch = batch
    this.#written = written
    const indices = Array.from({ length: batch.count }, (_, nth) => batch.at(nth))
    return workOn(
      indices.filter(index => !batch.isTombstone(index)),
      async index => {
        written.set(index, await this.#one(batch, index))
      },
    )
  }

  encode(batch: Batch, index: number, out: ByteWriter): void {
    const written = batch === this.#batch ? this.#written.get(index) : undefined
    if (written === undefined) throw new MillraceError('INTERNAL', 'encode came before prefetch.')
    if (written instanceof MillraceError) throw written
    out.bytes(written)
  }

  async #one(batch: Batch, index: number): Promise<Uint8Array | MillraceError> {
    const { serializer, topic, head, registered } = this.#parts
    const headers: SerializerHeaders = {}
    let payload: Buffer
    try {
      payload = await serializer.serialize(topic, this.#message(batch, index), headers)
    } catch (error) {
      const away = awayError('serializer', error)
      if (away !== null) throw away
      return refused(error)
    }
    if (head.isHeadOf(payload, headers)) return payload
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `the serializer of rules does not write with schema id ${registered.id}, which was chosen ` +
        'here, in the framing that was. Let both choose one: useLatestVersion and writer: ' +
        "'latest', or useSchemaId and writer: { id }; schemaIdSerializer and framing.",
    )
  }

  #message(batch: Batch, index: number): unknown {
    const out = this.#out
    out.reset()
    this.#parts.plain.encode(batch, index, out)
    // A copy: bytes of values are parts of it.
    const bytes = Buffer.from(out.view())
    this.#cursor.open(bytes, 0, bytes.length)
    return this.#reader.read(this.#cursor)
  }
}

/** Of this record alone. */
function refused(error: unknown): MillraceError {
  if (MillraceError.is(error)) return error
  if (error instanceof ValueFault) {
    const { path, expected, got } = error
    const text = `expected ${expected}, got ${got}.`
    return new MillraceError('ENCODE_FAILED', text, { field: path === '' ? undefined : path })
  }
  const why = bounded(error instanceof Error ? error.message : String(error))
  return new MillraceError('ENCODE_FAILED', `the serializer of rules refuses the record: ${why}.`, {
    cause: error,
  })
}
