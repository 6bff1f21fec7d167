/**
 * How Avro values look in JavaScript: the choices of the user, and what follows for a type.
 *
 *   null, boolean, string     themselves             int, float, double   number
 *   long                      bigint, or a number that is checked to be exact
 *   bytes, fixed              Uint8Array             enum                 its symbol
 *   array                     array                  map, record          object
 *   decimal                   text with all digits of its scale, `"12.50"`: a decimal column, or
 *                             one of text where there are more than 38 digits
 *   date                      number, days since 1970-01-01
 *   time-millis, -micros      number, as a long: since midnight
 *   timestamp-millis          number, epoch milliseconds
 *   timestamp-micros, -nanos  as a long; or epoch milliseconds, cut off towards the past, by choice
 *   local-timestamp-…         as a long: no point in time
 *   uuid                      text
 *   duration                  { months, days, milliseconds }
 *   union                     its value; where two branches look alike `{ "branch": value }`, as in
 *                             Avro's own JSON, null by itself
 */
import { type DataType, DECIMAL_DIGITS_MAX, t } from '@millrace/core'
import { type AvroType, nameOf, type UnionType } from '../avro-schema/avro-type.ts'

export interface ValueForm {
  /** Longs as bigint, or as numbers of at most 2^53 - 1; a greater one is OVERFLOW. */
  readonly long: 'bigint' | 'number'
  /**
   * timestamp-micros and timestamp-nanos: the exact number as a long, or epoch milliseconds as all
   * times of Millrace, where what is smaller is cut off towards the past.
   */
  readonly time: 'exact' | 'milliseconds'
}

export const EXACT_FORM: ValueForm = Object.freeze({ long: 'bigint', time: 'exact' })

/** A union of null and one other type: that type, nullable. */
export function nullableOf(type: UnionType): AvroType | null {
  const others = type.branches.filter(branch => branch.kind !== 'null')
  return others.length === 1 ? (others[0] as AvroType) : null
}

/** What a long is of which no logical type says more, and times that are no milliseconds. */
function longType({ long }: ValueForm): DataType {
  return long === 'bigint' ? t.int64() : t.int64({ as: 'number' })
}

/** The column type of values of an Avro type. */
export function columnType(type: AvroType, form: ValueForm): DataType {
  switch (type.kind) {
    case 'boolean':
      return t.boolean()
    case 'int':
      return t.int32()
    case 'long':
      return isTime(type, form) ? t.timestamp({ unit: 'ms' }) : longType(form)
    case 'float':
    case 'double':
      return t.float64()
    case 'string':
    case 'enum':
      return t.string()
    case 'bytes':
    case 'fixed':
      if (type.logical === null) return t.bytes()
      if (type.logical.kind === 'decimal') return decimalType(type.logical)
      return type.logical.kind === 'duration' ? t.json() : t.string()
    case 'null':
      return t.json().nullable()
    case 'array':
    case 'map':
    case 'record':
      return t.json()
    case 'union': {
      const only = nullableOf(type)
      const hasNull = type.branches.some(branch => branch.kind === 'null')
      const inner = only === null ? t.json() : columnType(only, form)
      return hasNull ? inner.nullable() : inner
    }
  }
}

function decimalType({ precision, scale }: { precision: number; scale: number }): DataType {
  return precision <= DECIMAL_DIGITS_MAX ? t.decimal(precision, scale) : t.string()
}

/** A long that is epoch milliseconds in a row. */
export function isTime(type: AvroType, { time }: ValueForm): boolean {
  if (type.kind !== 'long' || type.logical === null) return false
  const { kind } = type.logical
  if (kind === 'timestamp-millis') return true
  return time === 'milliseconds' && (kind === 'timestamp-micros' || kind === 'timestamp-nanos')
}

/** Types whose values are told apart in JavaScript have different looks. */
function lookOf(type: AvroType, form: ValueForm): string {
  const { kind } = columnType(type, form)
  switch (kind) {
    case 'int32':
    case 'float64':
    case 'timestamp':
      return 'number'
    case 'int64':
      return form.long
    case 'json':
      return type.kind === 'array' ? 'array' : 'object'
    case 'decimal':
      return 'string'
    default:
      return kind
  }
}

const wrapped = new WeakMap<UnionType, Map<string, boolean>>()

/** True when values of the union say their branch: two of its branches look alike. */
export function isWrapped(type: UnionType, form: ValueForm): boolean {
  const known = wrapped.get(type) ?? new Map<string, boolean>()
  wrapped.set(type, known)
  const key = `${form.long} ${form.time}`
  const before = known.get(key)
  if (before !== undefined) return before
  const looks = type.branches.filter(({ kind }) => kind !== 'null').map(b => lookOf(b, form))
  const answer = new Set(looks).size < looks.length
  known.set(key, answer)
  return answer
}

/** The branch of a union that a value is of, and what is to be written of it; null = none. */
export function branchOf(
  type: UnionType,
  value: unknown,
  form: ValueForm,
): { readonly index: number; readonly value: unknown } | null {
  const { branches } = type
  if (value === null || value === undefined) {
    const index = branches.findIndex(branch => branch.kind === 'null')
    return index < 0 ? null : { index, value: null }
  }
  if (isWrapped(type, form)) {
    if (typeof value !== 'object') return null
    const [name, ...more] = Object.keys(value)
    const index = branches.findIndex(b => b.kind !== 'null' && nameOf(b) === name)
    if (index < 0 || more.length > 0) return null
    return { index, value: (value as Record<string, unknown>)[name as string] }
  }
  const only = branches.findIndex(branch => branch.kind !== 'null')
  if (nullableOf(type) !== null) return { index: only, value }
  for (const look of looksOf(value)) {
    const index = branches.findIndex(b => b.kind !== 'null' && lookOf(b, form) === look)
    if (index >= 0) return { index, value }
  }
  return null
}

function looksOf(value: unknown): readonly string[] {
  if (typeof value === 'object') {
    if (Array.isArray(value)) return ['array']
    return value instanceof Uint8Array ? ['bytes'] : ['object']
  }
  // A whole number may stand where a bigint is expected, and the other way round.
  if (typeof value === 'number') return ['number', 'bigint']
  return typeof value === 'bigint' ? ['bigint', 'number'] : [typeof value]
}
