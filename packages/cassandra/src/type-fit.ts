/**
 * Which columns of a frame fit which types of CQL: what is checked before the first record.
 *
 * A column fits where every value of it can be one of the type, or where what cannot is refused
 * record by record (a number that is too large, text that is no UUID). What would change silently
 * does not fit. JSON fits everything and is checked record by record.
 */
import { type DataType, t } from '@millrace/core'
import { type CqlType, cqlText } from './cql-type.ts'

type Kind = DataType['kind']

const INTEGERS = ['tinyint', 'smallint', 'int', 'bigint', 'counter', 'varint', 'decimal'] as const

const FITS: { readonly [K in Exclude<Kind, 'json'>]: readonly CqlType['kind'][] } = {
  string: [
    'text',
    'ascii',
    'uuid',
    'timeuuid',
    'inet',
    'date',
    'time',
    'timestamp',
    'duration',
    'decimal',
    'varint',
    'bigint',
  ],
  boolean: ['boolean'],
  int32: [...INTEGERS, 'double', 'time'],
  int64: [...INTEGERS, 'time'],
  float64: ['double', 'float', 'decimal'],
  decimal: ['decimal', 'text', 'ascii'],
  timestamp: ['timestamp', 'date', 'bigint'],
  bytes: ['blob', 'uuid', 'timeuuid', 'inet'],
  // As JSON they fit, and are checked record by record.
  list: [],
  struct: [],
}

export function fits({ kind }: DataType, type: CqlType): boolean {
  if (type.kind === 'other') return false
  return kind === 'json' || FITS[kind].includes(type.kind)
}

/** For messages: what would fit a column. */
function fittingTypes({ kind }: DataType): string {
  if (kind === 'list' || kind === 'struct') return 'none; convert it with .as(t.json())'
  return kind === 'json' ? 'any type' : FITS[kind].join(', ')
}

const MADE: { readonly [K in Exclude<Kind, 'json' | 'list' | 'struct'>]: string } = {
  string: 'text',
  boolean: 'boolean',
  int32: 'int',
  int64: 'bigint',
  float64: 'double',
  decimal: 'decimal',
  timestamp: 'timestamp',
  bytes: 'blob',
}

/**
 * What a column of a frame is stored as where a table is created; null = JSON has none, nor have
 * lists and structs.
 */
export function typeMadeFor({ kind }: DataType): string | null {
  return kind === 'json' || kind === 'list' || kind === 'struct' ? null : MADE[kind]
}

/** What a column of a table is in a frame where nothing is said; null = it cannot be read. */
export function typeReadAs({ kind }: CqlType): DataType | null {
  switch (kind) {
    case 'other':
      return null
    case 'boolean':
      return t.boolean()
    case 'tinyint':
    case 'smallint':
    case 'int':
      return t.int32()
    case 'bigint':
    case 'counter':
      return t.int64()
    case 'float':
    case 'double':
      return t.float64()
    case 'timestamp':
      return t.timestamp()
    case 'blob':
      return t.bytes()
    case 'list':
    case 'set':
    case 'map':
    case 'tuple':
    case 'udt':
    case 'vector':
      return t.json()
    default:
      return t.string()
  }
}

/** @param place where it goes: `total of the table` */
export function misfitText(name: string, type: DataType, place: string, cql: CqlType): string {
  return (
    `column ${JSON.stringify(name)} of the frame is ${type}, and ${place} is ` +
    `${cqlText(cql)}; ${type.kind} fits ${fittingTypes(type)}`
  )
}
