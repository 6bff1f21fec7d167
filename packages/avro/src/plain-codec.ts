/**
 * Values and keys of one schema without a registry: bare, or in single-object encoding, which may
 * have been written with others that are named.
 */
import { type ColumnsRead, type Decoder, MillraceError } from '@millrace/core'
import type { AvroSchema } from './avro-schema/avro-schema.ts'
import { parseSchema } from './avro-schema/parse-schema.ts'
import { ColumnDecoder } from './codec/column-decoder.ts'
import { decodeFramed } from './codec/framed-decoder.ts'
import { singleObjectHead, singleObjectReader } from './codec/single-object.ts'
import { EXACT_FORM, type ValueForm } from './codec/value-form.ts'

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

export class PlainCodec {
  readonly writer: AvroSchema
  readonly reader: AvroSchema
  readonly form: ValueForm
  /** What stands in front of each value. */
  readonly prefix: Uint8Array
  readonly #isSingleObject: boolean
  readonly #isOne: boolean
  readonly #writers: readonly AvroSchema[]

  /** @param isOne a record is one cell too, as keys are. */
  constructor(schema: unknown, options: AvroOptions, isOne = false) {
    const { readerSchema, encoding = 'plain', writerSchemas = [] } = options
    this.writer = parseSchema(schema)
    this.reader = readerSchema === undefined ? this.writer : parseSchema(readerSchema)
    this.form = valueForm(options)
    if (encoding !== 'plain' && encoding !== 'single-object') {
      throw invalid("encoding must be 'plain' or 'single-object'", encoding)
    }
    this.#isSingleObject = encoding === 'single-object'
    this.prefix = this.#isSingleObject ? singleObjectHead(this.writer) : new Uint8Array(0)
    this.#isOne = isOne
    this.#writers = [this.writer, this.reader, ...writerSchemas.map(each => parseSchema(each))]
  }

  decoder(read: ColumnsRead): Decoder {
    const { writer, reader, form } = this
    const columns = new ColumnDecoder({ reader, read, form, isOne: this.#isOne })
    if (this.#isSingleObject) {
      const frames = singleObjectReader(this.#writers)
      return { decode: ranges => decodeFramed(columns, ranges, frames) }
    }
    return {
      decode: ranges => {
        const decoding = columns.begin(ranges)
        decoding.scan(writer, 0, ranges.count, 0)
        return decoding.end()
      },
    }
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
