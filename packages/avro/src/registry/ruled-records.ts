/**
 * Records whose rules a deserializer of the user's runs, a record at a time, before a batch is
 * decoded: the slow way, which only records of such schemas go.
 *
 * What it gives is written as plain Avro again and read as any other record, so that columns,
 * resolution and failures are the same. Logical types are left alone in between: the deserializer
 * does not know them.
 */
import { type ByteRanges, bounded, type SerdePlace } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { Framed, FrameFailure, FrameReader } from '../codec/framed-decoder.ts'
import { ValueBuffer } from '../codec/value-buffer.ts'
import { ValueFault } from '../codec/value-fault.ts'
import { ValueWriters, type WriteValue } from '../codec/value-writer.ts'
import { parseWhole, type WholeSchema } from './check-compatibility.ts'
import { invalid } from './registered-writer.ts'
import { awayError, workOn } from './ruled-work.ts'

/** As `AvroDeserializer` of `@confluentinc/schemaregistry`. */
export interface RecordDeserializer {
  deserialize(topic: string, payload: Buffer): Promise<unknown>
}

export interface SerializerHeaders {
  [name: string]: Buffer | string | (Buffer | string)[] | undefined
}

/** As `AvroSerializer` of `@confluentinc/schemaregistry`. */
export interface RecordSerializer {
  /** @param headers where it puts those that the record gets */
  serialize(topic: string, message: unknown, headers: SerializerHeaders): Promise<Buffer>
}

/** One of the two at least; what is missing is refused where it would be needed. */
export interface RegistryRules {
  /**
   * Reads a record and runs the rules of its schema: an `AvroDeserializer` of
   * `@confluentinc/schemaregistry` with the executors it needs, and without `logicalTypes`.
   */
  readonly deserializer?: RecordDeserializer
  /**
   * Runs the rules of the schema and writes a record, the schema's id or GUID included: an
   * `AvroSerializer` of `@confluentinc/schemaregistry` with the executors it needs, without
   * `logicalTypes`. It has to write with the schema that `writer` chooses.
   */
  readonly serializer?: RecordSerializer
  /**
   * `'writer'`: its values are of the schema that a record was written with. `'reader'`: they are
   * of `readerSchema`, as when it uses the latest version and migrates; then every record goes
   * this way. Default `'writer'`.
   */
  readonly gives?: 'writer' | 'reader'
}

/** A record that is written with rules, and how values of its schema are written without them. */
export interface Ruled {
  readonly plain: AvroSchema
  /** The whole schema, which the plain bytes are read with. */
  readonly writer: AvroSchema
  /** What says the schema: an id or a GUID, to be put in front. */
  readonly head: Buffer
}

/** A schema whose values are written as they are, whatever its logical types make of them. */
export function withoutLogicalTypes({ schema, references }: WholeSchema): AvroSchema {
  const strip = (text: string): string => {
    const json = JSON.parse(text, (key, value) => (key === 'logicalType' ? undefined : value))
    return JSON.stringify(json)
  }
  return parseWhole(
    {
      schema: strip(schema),
      references: references.map(each => ({ ...each, schema: strip(each.schema) })),
    },
    'ignore',
  )
}

/** How values look that such serdes take and give. */
export const SERDE_FORM = { long: 'number', time: 'exact' } as const

interface Rewritten {
  readonly frame: Framed | FrameFailure
  readonly bytes: Buffer
}

export class RuledRecords {
  readonly #deserializer: RecordDeserializer
  readonly #topic: string
  readonly #buffer = new ValueBuffer()
  readonly #writers = new WeakMap<AvroSchema, WriteValue>()
  /** Of the batch prepared last, told by its array of positions. */
  #start: Int32Array | null = null
  #rewritten = new Map<number, Rewritten>()

  constructor(deserializer: RecordDeserializer, place: SerdePlace | null) {
    if (place === null) throw invalid('rules are run for a topic, and there is none')
    this.#deserializer = deserializer
    this.#topic = place.topic
  }

  /** Runs the rules of the records that have some; undefined = none has. */
  prepare(
    ranges: ByteRanges,
    ruledAt: (index: number) => { readonly ruled: Ruled; readonly headSize: number } | null,
  ): Promise<void> | undefined {
    this.#start = ranges.start
    this.#rewritten = new Map()
    const indices: number[] = []
    for (let index = 0; index < ranges.count; index++) {
      if ((ranges.size[index] as number) >= 0 && ruledAt(index) !== null) indices.push(index)
    }
    return workOn(indices, async index => {
      const { ruled, headSize } = ruledAt(index) as { ruled: Ruled; headSize: number }
      const from = (ranges.start[index] as number) + headSize
      const end = (ranges.start[index] as number) + (ranges.size[index] as number)
      this.#rewritten.set(index, await this.#one(ruled, ranges.data.subarray(from, end)))
    })
  }

  /** The batch with what was written again, and how it is read. */
  replaced(ranges: ByteRanges, frames: FrameReader): [ByteRanges, FrameReader] {
    const rewritten = this.#rewritten
    if (rewritten.size === 0 || ranges.start !== this.#start) return [ranges, frames]
    const start = ranges.start.slice(0, ranges.count)
    const size = ranges.size.slice(0, ranges.count)
    const parts: Uint8Array[] = [ranges.data]
    let at = ranges.data.length
    for (const [index, { bytes }] of rewritten) {
      start[index] = at
      size[index] = bytes.length
      at += bytes.length
      parts.push(bytes)
    }
    const whole: ByteRanges = { ...ranges, data: Buffer.concat(parts), start, size }
    const frameAt: FrameReader['frameAt'] = (given, index) => {
      return rewritten.get(index)?.frame ?? frames.frameAt(given, index)
    }
    return [whole, { frameAt, runEnd: (_, index) => index + 1 }]
  }

  async #one(ruled: Ruled, value: Buffer): Promise<Rewritten> {
    const payload = Buffer.concat([ruled.head, value])
    try {
      const given = await this.#deserializer.deserialize(this.#topic, payload)
      const bytes = this.#written(ruled.plain, given)
      return { frame: { writer: ruled.writer, headSize: 0 }, bytes }
    } catch (error) {
      const away = awayError('deserializer', error)
      if (away !== null) throw away
      return { frame: failure(error), bytes: Buffer.alloc(0) }
    }
  }

  #written(schema: AvroSchema, value: unknown): Buffer {
    const write = this.#writers.get(schema) ?? new ValueWriters(SERDE_FORM).top(schema.type)
    this.#writers.set(schema, write)
    this.#buffer.at = 0
    write(value, this.#buffer)
    return Buffer.from(this.#buffer.view())
  }
}

function failure(error: unknown): FrameFailure {
  const expected = 'a record that the rules of its schema can read'
  if (error instanceof ValueFault) {
    const { path, got } = error
    return {
      field: path === '' ? undefined : path,
      code: 'DECODE_FAILED',
      expected: error.expected,
      got,
    }
  }
  const got = bounded(error instanceof Error ? error.message : String(error))
  return { field: undefined, code: 'DECODE_FAILED', expected, got }
}
