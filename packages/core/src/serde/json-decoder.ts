/**
 * JSON records into columns: the clear version, which the generated scan must equal.
 *
 * A record is valid or not whatever is read of it: it must be one JSON object in valid UTF-8, and
 * every declared column must hold a value of its type. Only the columns read are built. A failed
 * record has null cells in all of them.
 */
import { type CellValue, type Column, JsonColumn } from '../batch/column.ts'
import { type ColumnBuilder, columnBuilder } from '../batch/column-builder.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import { t } from '../schema/data-type.ts'
import { describeValue, Refusal } from '../schema/refusal.ts'
import type { Field, Schema } from '../schema/schema.ts'
import { schemaRead } from './columns-read.ts'
import { type NumberTexts, numberTexts, parseJson } from './json-parse.ts'
import type { ByteRanges, ColumnsRead, Decoded, DecodeFailure, Decoder } from './serde.ts'
import { type StandardSchema, validated } from './standard-schema.ts'
import { utf8Text } from './utf8-text.ts'

/** What a JSON record must be. */
export interface JsonShape {
  readonly schema: Schema
  /** Checks and replaces the whole value after it is parsed. */
  readonly standard: StandardSchema | null
}

type JsonObject = Readonly<Record<string, unknown>>

interface Fault {
  readonly refusal: Refusal
  readonly field: string | undefined
}

const ANY_JSON = t.json().nullable()

export class JsonDecoder implements Decoder {
  /** The schema of the columns read. */
  readonly schema: Schema
  /** The cells of the columns read, of the record read last; all null when it has none. */
  readonly cells: CellValue[]
  readonly #shape: JsonShape
  readonly #texts: NumberTexts | null
  /** Per column read: its position among the declared fields, or -1. */
  readonly #positions: readonly number[]
  readonly #names: readonly string[]
  /** The declared cells of the record at hand. */
  readonly #declared: CellValue[]
  #object: JsonObject | null = null

  constructor(shape: JsonShape, read: ColumnsRead) {
    this.#shape = shape
    this.#texts = numberTexts(shape.schema.fields)
    this.schema = schemaRead(shape.schema, read)
    this.#names = this.schema.names
    this.#positions = this.#names.map(name => shape.schema.indexOf(name))
    this.#declared = shape.schema.fields.map(() => null)
    this.cells = this.#names.map(() => null)
  }

  decode(ranges: ByteRanges): Decoded {
    const builders = this.schema.fields.map(({ type }) => columnBuilder(type))
    const rest: CellValue[] | null = this.schema.isOpen ? [] : null
    const failures: DecodeFailure[] = []
    for (let index = 0; index < ranges.count; index++) {
      const failure = this.read(ranges, index)
      if (failure !== null) failures.push(failure)
      for (let i = 0; i < builders.length; i++) {
        ;(builders[i] as ColumnBuilder).append(this.cells[i] as CellValue)
      }
      rest?.push(this.#object)
    }
    return {
      schema: this.schema,
      columns: builders.map(builder => builder.build()) as Column[],
      rest: rest === null ? null : new JsonColumn(ANY_JSON, rest),
      failures,
    }
  }

  /** Reads one record into `cells`, or says why it cannot be read. */
  read(ranges: ByteRanges, index: number): DecodeFailure | null {
    const value = this.#valueAt(ranges, index)
    const isFault = value !== null && 'refusal' in value
    this.#object = value === null || isFault ? null : value.object
    for (let i = 0; i < this.cells.length; i++) this.cells[i] = this.#cellAt(i)
    return isFault ? failureOf(index, value) : null
  }

  #cellAt(column: number): CellValue {
    if (this.#object === null) return null
    const position = this.#positions[column] as number
    if (position >= 0) return this.#declared[position] as CellValue
    return (ownValue(this.#object, this.#names[column] as string) ?? null) as CellValue
  }

  /** Null for a null range. */
  #valueAt(ranges: ByteRanges, index: number): { readonly object: JsonObject } | Fault | null {
    const size = ranges.size[index] as number
    if (size < 0) return null
    const start = ranges.start[index] as number
    const text = utf8Text(ranges.data, start, start + size)
    if (isRefusal(text)) return { refusal: text, field: undefined }
    const parsed = parseJson(text, this.#texts)
    if (isRefusal(parsed)) return { refusal: parsed, field: undefined }
    const object = this.#objectOf(parsed)
    return 'refusal' in object ? object : (this.#check(object.object) ?? object)
  }

  #objectOf(parsed: unknown): { readonly object: JsonObject } | Fault {
    const { standard } = this.#shape
    let value = parsed
    if (standard !== null) {
      const result = validated(standard, parsed)
      if ('refusal' in result) return { refusal: result.refusal, field: result.path }
      value = result.value
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { object: value as JsonObject }
    }
    const got = describeValue(value)
    return { refusal: new Refusal('DECODE_FAILED', 'a JSON object', got), field: undefined }
  }

  /** Fills the declared cells; gives the first fault. */
  #check(object: JsonObject): Fault | null {
    const { fields } = this.#shape.schema
    for (let i = 0; i < fields.length; i++) {
      const { name, type } = fields[i] as Field
      const value = ownValue(object, name)
      const cell =
        value === undefined && !type.isNullable
          ? new Refusal('DECODE_FAILED', `${type}`, 'no such field')
          : toCell(type, value, 'json')
      if (isRefusal(cell)) return { refusal: cell, field: name }
      this.#declared[i] = cell
    }
    return null
  }
}

function ownValue(object: JsonObject, name: string): unknown {
  return name in Object.prototype && !Object.hasOwn(object, name) ? undefined : object[name]
}

function failureOf(index: number, { refusal, field }: Fault): DecodeFailure {
  const { code, expected, got } = refusal
  return { index, field, code, expected, got }
}
