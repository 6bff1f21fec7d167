/**
 * The types a column can have, and the builders `t.*` a user writes in a schema.
 *
 * A data type is a frozen value; `T` is the TypeScript type of a cell. Nulls are part of the type:
 * `t.string()` never holds null, `t.string().nullable()` may.
 */
import { MillraceError } from '../errors.ts'
import { DECIMAL_DIGITS_MAX, type DecimalText } from '../util/decimal.ts'

export const TYPE_KINDS = [
  'string',
  'boolean',
  'int32',
  'int64',
  'float64',
  'decimal',
  'timestamp',
  'bytes',
  'list',
  'struct',
  'json',
] as const

export type TypeKind = (typeof TYPE_KINDS)[number]

/** The unit of a timestamp in the encoded data; in a row it is always epoch milliseconds. */
export type TimestampUnit = 's' | 'ms' | 'us' | 'ns'

export interface TypeOptions {
  readonly unit?: TimestampUnit
  readonly as?: 'bigint' | 'number'
  readonly precision?: number
  readonly scale?: number
  readonly item?: DataType | undefined
  readonly fields?: readonly Field[]
}

/** A named column, or a named part of a struct. */
export interface Field {
  readonly name: string
  readonly type: DataType
}

const NO_FIELDS: readonly Field[] = Object.freeze([])

export class DataType<T = unknown> {
  /** Only for the type checker: the TypeScript type of a cell. */
  declare readonly cell: T
  readonly kind: TypeKind
  readonly isNullable: boolean
  /**
   * Timestamps: the declared unit of the encoded data; undefined means milliseconds, with a check.
   */
  readonly unit: TimestampUnit | undefined
  /** int64: how a cell is given to functions and rows. */
  readonly as: 'bigint' | 'number'
  /** Decimals: how many digits there are at most, and how many of them are behind the point. */
  readonly precision: number
  readonly scale: number
  /** Lists: of each element. */
  readonly item: DataType | undefined
  /** Structs: their parts, in their order. */
  readonly fields: readonly Field[]

  constructor(kind: TypeKind, isNullable: boolean, options: TypeOptions = {}) {
    this.kind = kind
    this.isNullable = isNullable
    this.unit = options.unit
    this.as = options.as ?? (kind === 'int64' ? 'bigint' : 'number')
    this.precision = options.precision ?? 0
    this.scale = options.scale ?? 0
    this.item = options.item
    this.fields = options.fields ?? NO_FIELDS
    Object.freeze(this)
  }

  /** The same type with null allowed. */
  nullable(): DataType<T | null> {
    return new DataType<T | null>(this.kind, true, this.options())
  }

  /** The same type with null excluded. */
  required(): DataType<NonNullable<T>> {
    return new DataType<NonNullable<T>>(this.kind, false, this.options())
  }

  /** Same kind and same way of giving a cell; nullability aside, but for what is within. */
  sameKind(other: DataType): boolean {
    return (
      this.kind === other.kind &&
      this.as === other.as &&
      this.precision === other.precision &&
      this.scale === other.scale &&
      isSameWithin(this.item, other.item) &&
      this.fields.length === other.fields.length &&
      this.fields.every(({ name, type }, i) => {
        const { [i]: field } = other.fields
        return field?.name === name && isSameWithin(type, field.type)
      })
    )
  }

  /** Decimals: true where each cell of the other has no more digits than this one may have. */
  hasRoomFor(other: DataType): boolean {
    return other.scale <= this.scale && other.precision - other.scale <= this.precision - this.scale
  }

  /** For messages and plans: `int64`, `string?` (the question mark means nullable). */
  toString(): string {
    return `${this.kind}${this.details()}${this.isNullable ? '?' : ''}`
  }

  private details(): string {
    if (this.item !== undefined) return `<${this.item}>`
    if (this.kind === 'struct') {
      const parts = this.fields.map(({ name, type }) => `${printed(name)}: ${type}`)
      return `<${parts.join(', ')}>`
    }
    if (this.kind === 'decimal') return `(${this.precision}, ${this.scale})`
    return this.kind === 'int64' && this.as === 'number' ? ' as number' : ''
  }

  private options(): TypeOptions {
    const { as, unit, precision, scale, item, fields } = this
    return { as, precision, scale, item, fields, ...(unit !== undefined && { unit }) }
  }
}

function isSameWithin(type: DataType | undefined, other: DataType | undefined): boolean {
  if (type === undefined || other === undefined) return type === other
  return type.isNullable === other.isNullable && type.sameKind(other)
}

function list<T>(item: DataType<T>): DataType<T[]> {
  requireType(item, 't.list(item)')
  return new DataType<T[]>('list', false, { item })
}

type StructCell<F extends Readonly<Record<string, DataType>>> = {
  -readonly [K in keyof F]: F[K]['cell']
}

function struct<const F extends Readonly<Record<string, DataType>>>(
  fields: F,
): DataType<StructCell<F>> {
  const names = Object.keys(fields)
  if (names.length === 0) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      't.struct needs one or more fields. For any object take t.json().',
    )
  }
  const list = names.map((name): Field => {
    const type = fields[name] as DataType
    requireType(type, `field ${JSON.stringify(name)} of t.struct`)
    return Object.freeze({ name, type })
  })
  return new DataType<StructCell<F>>('struct', false, { fields: Object.freeze(list) })
}

function requireType(type: unknown, what: string): void {
  if (type instanceof DataType) return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${what} needs a type such as t.string(); got ${typeof type}.`,
  )
}

function decimal(precision: number, scale = 0): DataType<DecimalText> {
  const isFit = isDigits(precision, 1, DECIMAL_DIGITS_MAX) && isDigits(scale, 0, precision)
  if (isFit) return new DataType<DecimalText>('decimal', false, { precision, scale })
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `t.decimal(precision, scale) has 1 to ${DECIMAL_DIGITS_MAX} digits, of which 0 to all are ` +
      `behind the point; got t.decimal(${String(precision)}, ${String(scale)}).`,
  )
}

function isDigits(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function printed(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name)
}

function timestamp(options: { readonly unit?: TimestampUnit } = {}): DataType<number> {
  if (options.unit !== undefined && !['s', 'ms', 'us', 'ns'].includes(options.unit)) {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `t.timestamp unit must be 's', 'ms', 'us' or 'ns'; got ${JSON.stringify(options.unit)}.`,
    )
  }
  return new DataType<number>('timestamp', false, options)
}

function int64(options: { readonly as: 'number' }): DataType<number>
function int64(options?: { readonly as?: 'bigint' }): DataType<bigint>
function int64(options: TypeOptions = {}): DataType<bigint> | DataType<number> {
  return new DataType<bigint>('int64', false, options)
}

interface TypeBuilders {
  /** Text. */
  string(): DataType<string>
  boolean(): DataType<boolean>
  /** Whole numbers from -2^31 to 2^31 - 1. */
  int32(): DataType<number>
  /**
   * Whole numbers of 64 bits: a `bigint`, or a number checked to be exact with `{ as: 'number' }`.
   */
  int64(options: { readonly as: 'number' }): DataType<number>
  int64(options?: { readonly as?: 'bigint' }): DataType<bigint>
  /** IEEE double. */
  float64(): DataType<number>
  /**
   * Exact decimals of at most `precision` digits (1 to 38), `scale` of them behind the point
   * (default 0): money, quantities, whatever must not be rounded.
   *
   * A cell is text with all digits of the scale, `'12.30'`: what the drivers of databases give,
   * what every decimal library takes, and one text for each value, so `===`, keys of maps and JSON
   * are right. A number would be rounded, and a bigint of the smallest units is a hundred times too
   * much wherever somebody takes it for the value. Texts do not sort by size: compare and add in
   * expressions (`c.price.gt('9.5')`), or with a decimal library.
   *
   * In JSON it is read from a number by its own digits, or from text, and written as text. Digits
   * that would be cut off are refused, and so is what has too many in front.
   */
  decimal(precision: number, scale?: number): DataType<DecimalText>
  /**
   * A point in time, in a row always epoch milliseconds as a number. Encoded as a number of `unit`
   * or as ISO 8601 text with a zone. Without `unit` it is milliseconds, and numbers that look like
   * another unit are refused.
   */
  timestamp(options?: { readonly unit?: TimestampUnit }): DataType<number>
  bytes(): DataType<Uint8Array>
  /**
   * Lists of elements of one type: an array in a row and in JSON. Elements are checked one by one;
   * they may be null where their type says so. `c.tags.get(0)` is an element, `c.tags.length()`
   * how many there are.
   */
  list<T>(item: DataType<T>): DataType<T[]>
  /**
   * Objects with fields of known types: a plain object in a row and in JSON. A field that is
   * missing is null, where its type allows that; others are left out. `c.address.get('city')` is a
   * field.
   */
  struct<const F extends Readonly<Record<string, DataType>>>(fields: F): DataType<StructCell<F>>
  /**
   * Any JSON value, kept as it is; `t.json<Shape>()` gives it a TypeScript type without a check.
   */
  json<T = unknown>(): DataType<T>
}

/** The builders of column types, for `schema({...})`. */
export const t: TypeBuilders = Object.freeze({
  string: () => new DataType<string>('string', false),
  boolean: () => new DataType<boolean>('boolean', false),
  int32: () => new DataType<number>('int32', false),
  int64,
  float64: () => new DataType<number>('float64', false),
  decimal,
  timestamp,
  bytes: () => new DataType<Uint8Array>('bytes', false),
  list,
  struct,
  json: <T = unknown>() => new DataType<T>('json', false),
})
