/**
 * How the record keys of grouped output are written: by the topic's key serde where it has one,
 * else in the natural form of a single column, or as an array of JSON for several. Downstream
 * readers see these bytes, so a form once chosen does not change.
 */
import {
  BytesColumn,
  type CellValue,
  type Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { Headers } from '../record/headers.ts'
import { type DataType, type TypeKind, t } from '../schema/data-type.ts'
import type { ByteWriter } from '../util/byte-writer.ts'
import { cellText } from './json-text.ts'
import type { ScalarSerde } from './scalar-serde.ts'
import { bytes, double, integer, long, string } from './scalars.ts'

export interface KeyEncoder {
  /**
   * Appends the key made of these cells; false = the key is null, nothing is appended.
   * @throws ENCODE_FAILED when a cell cannot be written in this form.
   */
  encodeKey(cells: readonly CellValue[], out: ByteWriter): boolean
  /**
   * The keys made of all cells of one column, as `encodeKey` makes each. Null: they are made one by
   * one.
   */
  keysOf?(column: Column): StringColumn | BytesColumn | null
  /** As of `Encoder`. */
  prepare?(): Promise<void>
  /** As of `Encoder`. */
  headers?(given: Headers): Headers
}

/** Keys of one cell, written by a serde. */
export function serdeKey(serde: ScalarSerde): KeyEncoder {
  return {
    encodeKey: (cells, out) => {
      const cell = cells[0] ?? null
      if (cell === null) return false
      serde.encodeCell(cell, out)
      return true
    },
    keysOf: column => keysOf(column, serde),
    ...(serde.prepare !== undefined && { prepare: () => (serde.prepare as () => Promise<void>)() }),
    ...(serde.headers !== undefined && {
      headers: given => (serde.headers as (given: Headers) => Headers)(given),
    }),
  }
}

const NATURAL: { readonly [K in TypeKind]: ScalarSerde | null } = {
  string: string(),
  bytes: bytes(),
  int32: integer(),
  int64: long(),
  timestamp: long(),
  float64: double(),
  decimal: string(),
  list: null,
  struct: null,
  boolean: null,
  json: null,
}

/**
 * The natural key of columns of these types. One column: text as UTF-8, numbers as Kafka's
 * serializers write them, booleans and json as JSON text; a null cell is a null key. Several: a
 * JSON array of their cells, with null for null.
 */
export function defaultKeySerde(types: readonly DataType[]): KeyEncoder {
  const [type] = types
  return types.length === 1 && type !== undefined ? singleKey(type) : arrayKey(types)
}

/**
 * The serde that writes a key of this type in its natural form.
 * @throws TYPE_MISMATCH for booleans and json, which have none.
 */
export function naturalKeySerde(type: DataType): ScalarSerde {
  const serde = NATURAL[type.kind]
  if (serde !== null) return serde
  throw new MillraceError(
    'TYPE_MISMATCH',
    `a key of type ${type} has no natural form. Cast it, for example with .as(t.string()), ` +
      'or give a serde.',
  )
}

function singleKey(type: DataType): KeyEncoder {
  const serde = NATURAL[type.kind]
  return {
    encodeKey: (cells, out) => {
      const cell = cells[0] ?? null
      if (cell === null) return false
      if (serde === null) out.text(cellText(type, cell, 'key'))
      else serde.encodeCell(cell, out)
      return true
    },
    keysOf: column => keysOf(column, serde),
  }
}

/** What our serdes write. Text is held as UTF-8, and bytes as they are. */
function keysOf(column: Column, serde: ScalarSerde | null): StringColumn | BytesColumn | null {
  if (serde === string() && column instanceof StringColumn) return column
  if (serde === bytes() && column instanceof BytesColumn) return column
  if (serde === long() && column instanceof Int64Column) {
    return isExact(column) ? numberKeys(column, 2) : null
  }
  return serde === integer() && column instanceof Int32Column ? numberKeys(column, 1) : null
}

/** False: a cell is given as a number that may not be it, which the serde refuses. */
function isExact(column: Int64Column): boolean {
  if (column.type.kind === 'int64' && column.type.as === 'bigint') return true
  for (let i = 0; i < column.length; i++) {
    if (!Number.isSafeInteger(column.number(i))) return false
  }
  return true
}

/** @param each how many words of 32 bits a cell is, the lowest first; keys have it last */
function numberKeys(column: Int64Column | Int32Column, each: 1 | 2): BytesColumn {
  const { length, validity } = column
  const words = column instanceof Int64Column ? column.words : column.values
  const data = new Uint8Array(words.byteLength)
  const view = new DataView(data.buffer)
  for (let i = 0; i < words.length; i++) view.setInt32((i ^ (each - 1)) * 4, words[i] as number)
  const start = new Int32Array(length)
  for (let i = 0; i < length; i++) start[i] = i * each * 4
  const size = new Int32Array(length).fill(each * 4)
  return new BytesColumn(t.bytes(), { data, start, size }, validity)
}

function arrayKey(types: readonly DataType[]): KeyEncoder {
  return {
    encodeKey: (cells, out) => {
      const texts = types.map((type, i) => cellText(type, cells[i] ?? null, `key ${i + 1}`))
      out.text(`[${texts.join(',')}]`)
      return true
    },
  }
}
