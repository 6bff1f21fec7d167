/**
 * Rows of a frame as Avro values of one schema, appended to the output a record at a time.
 *
 * Whether rows fit is found out when the encoder is made, by the types of their columns; what only
 * a value can tell (a symbol, the digits of a decimal) is checked while it is written. Nothing is
 * appended when a record fails.
 *
 * Perf: a record is written into a buffer of its own and copied once; per cell there is one call
 * and no JavaScript value. `cell-writer.ts` has the clear version beside it.
 */
import {
  type Batch,
  type ByteWriter,
  type CellValue,
  type Column,
  type DataType,
  type Encoder,
  MillraceError,
  type Schema,
} from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { AvroType, RecordField } from '../avro-schema/avro-type.ts'
import { cellWriter, type WriteCell } from './cell-writer.ts'
import { defaultValue } from './default-cell.ts'
import { described } from './resolution.ts'
import { VALUE_COLUMN } from './scan-plan.ts'
import { ValueBuffer } from './value-buffer.ts'
import { ValueFault } from './value-fault.ts'
import { columnType, EXACT_FORM, type ValueForm } from './value-form.ts'
import { ValueWriters, type WriteValue } from './value-writer.ts'

interface FieldWritten {
  readonly name: string
  readonly type: AvroType
  readonly write: WriteValue
  /** Position in the frame; -1 = the default, or a column that an open frame does not declare. */
  readonly position: number
  /** The bytes of the default. */
  readonly fixed: Buffer | null
}

export interface ColumnEncoderOptions {
  readonly form?: ValueForm
  /** A record is one cell too. */
  readonly isOne?: boolean
  /** What stands in front of each value: a magic byte and an id. */
  readonly prefix?: Uint8Array
}

/**
 * An encoder of rows of `frame` as values of `writer`.
 * @throws SCHEMA_MISMATCH
 */
export function columnEncoder(
  writer: AvroSchema,
  frame: Schema,
  { form = EXACT_FORM, isOne = false, prefix = new Uint8Array(0) }: ColumnEncoderOptions = {},
): Encoder {
  return new ColumnEncoder(fieldsWritten(writer, frame, form, isOne), prefix)
}

class ColumnEncoder implements Encoder {
  readonly #fields: readonly FieldWritten[]
  readonly #prefix: Uint8Array
  readonly #buffer = new ValueBuffer()
  #batch: Batch | null = null
  #writers: readonly WriteCell[] = []

  constructor(fields: readonly FieldWritten[], prefix: Uint8Array) {
    this.#fields = fields
    this.#prefix = prefix
  }

  encode(batch: Batch, index: number, out: ByteWriter): void {
    if (batch !== this.#batch) this.#bind(batch)
    const buffer = this.#buffer
    const writers = this.#writers
    buffer.at = 0
    buffer.bytes(this.#prefix)
    for (let i = 0; i < writers.length; i++) {
      try {
        ;(writers[i] as WriteCell)(index, buffer)
      } catch (error) {
        throw encodeError(error, (this.#fields[i] as FieldWritten).name)
      }
    }
    out.range(buffer.data, 0, buffer.at)
  }

  #bind(batch: Batch): void {
    this.#writers = this.#fields.map(({ name, type, write, position, fixed }): WriteCell => {
      if (fixed !== null) return (_, out) => out.bytes(fixed)
      if (position >= 0) return cellWriter(batch.columns[position] as Column, type, write)
      return (index, out) => write(undeclared(batch, name, index), out)
    })
    this.#batch = batch
  }
}

function undeclared(batch: Batch, name: string, index: number): CellValue | undefined {
  const value = batch.rest?.get(index)
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, CellValue>)[name]
}

/** ENCODE_FAILED with the path of what could not be written. */
/** ENCODE_FAILED with the field, for a fault of a value. */
export function encodeError(error: unknown, name: string): unknown {
  if (!(error instanceof ValueFault)) return error
  const { expected, got, path } = name === '' ? error : error.within(name)
  return new MillraceError(
    'ENCODE_FAILED',
    `the Avro schema takes ${expected}; got ${got}. Cast or mend the column before.`,
    path === '' ? {} : { field: path },
  )
}

function fieldsWritten(
  writer: AvroSchema,
  frame: Schema,
  form: ValueForm,
  isOne: boolean,
): FieldWritten[] {
  const writers = new ValueWriters(form)
  const { type } = writer
  const fields: readonly RecordField[] =
    type.kind === 'record' && !isOne
      ? type.fields
      : [{ name: VALUE_COLUMN, aliases: [], type, default: undefined }]
  const faults = fields.flatMap(field => {
    const fault = faultOf(frame, field, form)
    return fault === undefined ? [] : [`${JSON.stringify(field.name)} ${fault}`]
  })
  if (faults.length > 0) {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      `rows of the frame do not fit the Avro schema: column ${faults.join('; column ')}. ` +
        `The frame is ${frame}.`,
    )
  }
  return fields.map(field => {
    const write = writers.top(field.type)
    const position = frame.indexOf(field.name)
    const usesDefault = position < 0 && !frame.isOpen
    const fixed = usesDefault ? defaultBytes(field, write, form) : null
    const orDefault = withDefault(field, write, form)
    return { name: field.name, type: field.type, write: orDefault, position, fixed }
  })
}

/** Of an open frame: a column that a record does not have is its default. */
function withDefault(field: RecordField, write: WriteValue, form: ValueForm): WriteValue {
  if (field.default === undefined) return write
  return (value, out) => {
    write(value === undefined ? defaultValue(field.type, field.default, form) : value, out)
  }
}

function defaultBytes(field: RecordField, write: WriteValue, form: ValueForm): Buffer {
  const buffer = new ValueBuffer()
  write(defaultValue(field.type, field.default, form), buffer)
  return Buffer.from(buffer.view())
}

function faultOf(frame: Schema, field: RecordField, form: ValueForm): string | undefined {
  const { name, type } = field
  if (!frame.has(name)) {
    if (frame.isOpen || field.default !== undefined) return undefined
    return `must be ${described(type)}, has no default and is not in the frame`
  }
  const from = frame.typeOf(name)
  const to = columnType(type, form)
  if (!isWritable(from, to, type))
    return `must be ${described(type)}, a column ${to}, and is ${from}; cast it`
  if (from.isNullable && !to.isNullable) return `must not be null and is ${from}; use fillNull`
  return undefined
}

/** True when every cell of `from`, null aside, may be a value of the type. */
function isWritable(from: DataType, to: DataType, type: AvroType): boolean {
  if (to.kind === 'decimal' && from.kind === 'decimal') return to.hasRoomFor(from)
  if (to.kind === 'json' || from.kind === to.kind) return true
  // Whether text is a decimal, only it can tell.
  if (from.kind === 'string') return to.kind === 'decimal'
  if (from.kind === 'int32') return to.kind === 'int64' || to.kind === 'float64'
  // Milliseconds as micros or nanos.
  return from.kind === 'timestamp' && timestampIn(type)
}

function timestampIn(type: AvroType): boolean {
  if (type.kind === 'union') return type.branches.some(timestampIn)
  return type.kind === 'long' && type.logical?.kind.startsWith('timestamp-') === true
}
