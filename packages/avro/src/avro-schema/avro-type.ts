/**
 * Avro schemas as data, after names are resolved: what `parseSchema` gives and the codec works on.
 *
 * A type that exists is valid. Named types are shared objects, so a recursive type holds itself;
 * walks over types must remember the named ones they have seen.
 */

export const PRIMITIVES = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const

export type PrimitiveName = (typeof PRIMITIVES)[number]

/** A logical type that this package knows; others are ignored, as the specification says. */
export type LogicalType =
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: PlainLogicalName }

export type PlainLogicalName =
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'timestamp-nanos'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'local-timestamp-nanos'
  | 'uuid'
  | 'duration'

export interface PrimitiveType {
  readonly kind: PrimitiveName
  readonly logical: LogicalType | null
}

export interface FixedType {
  readonly kind: 'fixed'
  readonly name: string
  readonly aliases: readonly string[]
  readonly size: number
  readonly logical: LogicalType | null
}

export interface EnumType {
  readonly kind: 'enum'
  readonly name: string
  readonly aliases: readonly string[]
  readonly symbols: readonly string[]
  readonly default: string | null
}

export interface ArrayType {
  readonly kind: 'array'
  readonly items: AvroType
}

export interface MapType {
  readonly kind: 'map'
  readonly values: AvroType
}

export interface UnionType {
  readonly kind: 'union'
  readonly branches: readonly AvroType[]
}

export interface RecordField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  /** As it stands in the schema's JSON, checked against the type; undefined = none. */
  readonly default: unknown
}

export interface RecordType {
  readonly kind: 'record'
  readonly name: string
  readonly aliases: readonly string[]
  readonly fields: readonly RecordField[]
}

export type NamedType = RecordType | EnumType | FixedType

export type AvroType = PrimitiveType | NamedType | ArrayType | MapType | UnionType

export function isNamed(type: AvroType): type is NamedType {
  return type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'
}

/** The name of a type in messages and in unions: its full name, or its kind. */
export function nameOf(type: AvroType): string {
  return isNamed(type) ? type.name : type.kind
}

/** A full name without its namespace. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
