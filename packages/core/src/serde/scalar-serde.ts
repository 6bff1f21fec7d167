/**
 * Serdes whose record is one cell: text, bytes, one number. As value serde they give one column
 * called `value`; as key serde they are used with cells directly.
 *
 * `scalarSerde` makes one from a type and two functions, for users too.
 */

import type { CellValue } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import { MillraceError } from '../errors.ts'
import type { Headers } from '../record/headers.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import type { DataType, TypeKind } from '../schema/data-type.ts'
import type { Refusal } from '../schema/refusal.ts'
import { Schema } from '../schema/schema.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { schemaRead } from './columns-read.ts'
import type { ByteRanges, Decoded, DecodeFailure, Encoder, Serde, SerdePlace } from './serde.ts'

// biome-ignore lint/suspicious/noExplicitAny: a scalar serde of any cell, as in Array<any>.
export interface ScalarSerde<T = any> extends Serde<{ value: T }> {
  /** The type of the cell; never nullable, as null keys and values have no bytes. */
  readonly type: DataType<T>
  /**
   * Appends one cell.
   * @throws ENCODE_FAILED when the cell is null or not of the type.
   */
  encodeCell(cell: CellValue, out: ByteWriter): void
  at?(place: SerdePlace): ScalarSerde<T>
  /** As of `Encoder`, for keys. */
  prepare?(): Promise<void>
  /** As of `Encoder`, for keys. */
  headers?(given: Headers): Headers
}

/** The two directions of one cell. */
export interface ScalarFormat<T> {
  readonly name: string
  readonly type: DataType<T>
  /** Kinds of columns that can be written besides the type's own. */
  readonly accepts?: readonly TypeKind[]
  /** The cell in `data[start, end)`, or why there is none. Must not throw, nor keep `data`. */
  decode(data: Buffer, start: number, end: number): T | Refusal
  /** Gets cells of the type only. */
  encode(cell: T, out: ByteWriter): void
}

/** A serde of one cell. */
export function scalarSerde<T>(format: ScalarFormat<T>): ScalarSerde<T> {
  const { name, type } = format
  const schema = new Schema<{ value: T }>([{ name: 'value', type }])
  const encodeCell = (cell: CellValue, out: ByteWriter): void => {
    const checked = toCell(type, cell)
    if (isRefusal(checked)) {
      throw new MillraceError(
        'ENCODE_FAILED',
        `${name} takes ${checked.expected}; got ${checked.got}. Cast the column before.`,
      )
    }
    format.encode(checked as T, out)
  }
  return Object.freeze<ScalarSerde<T>>({
    name,
    type,
    schema,
    encodeCell,
    decoder: read => {
      const schemaOut = schemaRead(schema, read)
      return { decode: ranges => decodeScalars(format, ranges, schemaOut) }
    },
    encoder: frame => scalarEncoder(format, frame, encodeCell),
  })
}

function decodeScalars<T>(format: ScalarFormat<T>, ranges: ByteRanges, schema: Schema): Decoded {
  const builder = columnBuilder(format.type)
  const failures: DecodeFailure[] = []
  for (let index = 0; index < ranges.count; index++) {
    const size = ranges.size[index] as number
    const start = ranges.start[index] as number
    const cell = size < 0 ? null : format.decode(ranges.data, start, start + size)
    if (isRefusal(cell)) {
      const { code, expected, got } = cell
      failures.push({ index, field: undefined, code, expected, got })
    }
    builder.append(isRefusal(cell) ? null : (cell as CellValue))
  }
  const columns = schema.fields.length === 0 ? [] : [builder.build()]
  return { schema, columns, rest: null, failures }
}

function scalarEncoder<T>(
  { name, type, accepts = [] }: ScalarFormat<T>,
  frame: Schema,
  encodeCell: ScalarSerde['encodeCell'],
): Encoder {
  const [field] = frame.fields
  const isFit =
    !frame.isOpen &&
    frame.fields.length === 1 &&
    field !== undefined &&
    (field.type.kind === type.kind || accepts.includes(field.type.kind)) &&
    !field.type.isNullable
  if (!isFit) {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `${name} writes frames of one ${type} column that is never null; the frame is ${frame}. ` +
        'Use select to keep one column, cast it or fillNull.',
    )
  }
  return {
    encode: (batch, index, out) => encodeCell(batch.columns[0]?.get(index) ?? null, out),
  }
}
