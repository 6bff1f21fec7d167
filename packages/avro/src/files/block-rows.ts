/**
 * The rows of one block. Values in a block are not delimited: each is stepped over to find where
 * it ends, then all are decoded as records of a topic are. Where one cannot be stepped over,
 * nothing behind it in the block can be read.
 */
import type { ByteRanges, CellValue, Decoded, DecodeFailure, Row } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import { ColumnDecoder } from '../codec/column-decoder.ts'
import { Cursor } from '../codec/cursor.ts'
import { resolveSame } from '../codec/resolution.ts'
import { setOwn } from '../codec/set-own.ts'
import { sizeMin } from '../codec/size-min.ts'
import { ValueFault } from '../codec/value-fault.ts'
import { EXACT_FORM, type ValueForm } from '../codec/value-form.ts'
import { type ValueReader, ValueReaders } from '../codec/value-reader.ts'
import { BlockFault } from './block-codec.ts'

/** Rows that take no bytes cost nothing to claim. */
const EMPTY_ROWS_MAX = 100_000

export interface BlockRows {
  /** Rows that have an end. */
  readonly count: number
  row(index: number): Row
  failureOf(index: number): DecodeFailure | undefined
  bytesOf(index: number): Buffer
  /** Why the row behind the last one has no end, and the bytes from there on; null = all have. */
  readonly broken: { readonly failure: DecodeFailure; readonly bytes: Buffer } | null
}

/** Reads blocks of one file. */
export class BlockDecoder {
  readonly #writer: AvroSchema
  readonly #columns: ColumnDecoder
  readonly #skipper: ValueReader
  readonly #cursor = new Cursor()
  readonly #sizeMin: number

  constructor(writer: AvroSchema, reader: AvroSchema | null, form: ValueForm) {
    this.#writer = writer
    this.#columns = new ColumnDecoder({ reader, read: 'all', form })
    this.#skipper = new ValueReaders(EXACT_FORM).of(resolveSame(writer.type))
    this.#sizeMin = sizeMin(writer.type)
  }

  /** @throws BlockFault when the block claims more rows than it can have. */
  read(data: Buffer, claimed: number): BlockRows {
    const size = this.#sizeMin
    if (size > 0 ? claimed * size > data.length : claimed > EMPTY_ROWS_MAX) {
      throw new BlockFault(`it claims ${claimed} rows in ${data.length} bytes`)
    }
    const { ranges, broken } = this.#ranges(data, claimed)
    const decoding = this.#columns.begin(ranges)
    decoding.scan(this.#writer, 0, ranges.count, 0)
    const decoded = decoding.end()
    const failures = new Map(decoded.failures.map(failure => [failure.index, failure]))
    return {
      count: ranges.count,
      row: index => rowOf(decoded, index),
      failureOf: index => failures.get(index),
      bytesOf: index => {
        const start = ranges.start[index] as number
        return Buffer.from(data.subarray(start, start + (ranges.size[index] as number)))
      },
      broken,
    }
  }

  #ranges(
    data: Buffer,
    claimed: number,
  ): { readonly ranges: ByteRanges; readonly broken: BlockRows['broken'] } {
    const start = new Int32Array(claimed)
    const size = new Int32Array(claimed)
    const cursor = this.#cursor
    let at = 0
    for (let index = 0; index < claimed; index++) {
      try {
        cursor.open(data, at, data.length)
        this.#skipper.skip(cursor)
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error
        const { code, expected, got, path } = error
        const failure = { index, field: path === '' ? undefined : path, code, expected, got }
        const ranges = { count: index, data, start, size }
        return { ranges, broken: { failure, bytes: Buffer.from(data.subarray(at)) } }
      }
      start[index] = at
      size[index] = cursor.at - at
      at = cursor.at
    }
    if (at < data.length) throw new BlockFault(`it has ${data.length - at} bytes behind its rows`)
    return { ranges: { count: claimed, data, start, size }, broken: null }
  }
}

function rowOf({ columns, rest, schema: { names } }: Decoded, index: number): Row {
  const whole = rest?.get(index)
  const row: Record<string, unknown> = {}
  if (typeof whole === 'object' && whole !== null) {
    for (const [name, value] of Object.entries(whole)) setOwn(row, name, value)
  }
  for (const [i, column] of columns.entries()) setOwn(row, names[i] as string, column.get(index))
  return row as Record<string, CellValue>
}
