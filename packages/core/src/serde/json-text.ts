/**
 * Cells and values as JSON text: what `JSON.stringify` writes, with bigint as digits, bytes as
 * base64 and -0 kept.
 *
 * What JSON cannot hold is an error, never a silent null: NaN, the infinities, circular or too
 * deep values. Undefined and functions are left out of objects and are null in arrays.
 */
import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { DataType, TimestampUnit } from '../schema/data-type.ts'
import { bounded } from '../schema/refusal.ts'
import { JSON_DEPTH_MAX } from './json-parse.ts'

/**
 * A cell as JSON text: decimals as text, since most readers make doubles of numbers; timestamps as
 * numbers of the type's unit (milliseconds when none is said).
 * @throws ENCODE_FAILED with the column when JSON cannot hold it.
 */
export function cellText(type: DataType, cell: CellValue, column: string): string {
  if (cell === null || cell === undefined) return 'null'
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'boolean':
      return String(cell)
    case 'decimal':
      return `"${cell}"`
    case 'timestamp':
      return timeText(cell as number, type.unit ?? 'ms')
    case 'bytes':
      return base64(cell as Uint8Array)
    case 'string':
      return JSON.stringify(cell)
    case 'list':
      return `[${(cell as CellValue[]).map(each => cellText(type.item as DataType, each, column))}]`
    case 'struct':
      return structText(type, cell as Readonly<Record<string, CellValue>>, column)
    case 'float64':
    case 'json':
      return valueText(cell, column) ?? 'null'
  }
}

function structText(
  { fields }: DataType,
  cell: Readonly<Record<string, CellValue>>,
  column: string,
): string {
  const parts = fields.map(({ name, type }) => {
    const part = Object.hasOwn(cell, name) ? (cell[name] as CellValue) : null
    return `${JSON.stringify(name)}:${cellText(type, part, column)}`
  })
  return `{${parts}}`
}

/**
 * Any value as JSON text; undefined for what JSON leaves out (undefined, functions, symbols).
 * @throws ENCODE_FAILED with the column when JSON cannot hold it.
 */
export function valueText(value: unknown, column: string): string | undefined {
  try {
    return textOf(value, 0)
  } catch (error) {
    if (MillraceError.is(error) && error.code === 'ENCODE_FAILED') {
      throw new MillraceError('ENCODE_FAILED', error.message.slice('ENCODE_FAILED: '.length), {
        field: column,
      })
    }
    // A getter or toJSON of the user's object.
    throw new MillraceError(
      'ENCODE_FAILED',
      `the value cannot be written as JSON: ${bounded(String(error))}. Give plain values.`,
      { field: column, cause: error },
    )
  }
}

function textOf(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return numberText(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? 'null' : objectText(value, depth)
    default:
      return undefined
  }
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  throw new MillraceError(
    'ENCODE_FAILED',
    `JSON has no ${value}. Make it null or filter the record out before this output.`,
  )
}

function objectText(value: object, depth: number): string | undefined {
  if (depth >= JSON_DEPTH_MAX) {
    throw new MillraceError(
      'ENCODE_FAILED',
      `the value is circular or nested deeper than ${JSON_DEPTH_MAX} levels. Give a flatter value.`,
    )
  }
  if (value instanceof Uint8Array) return base64(value)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return textOf(toJSON.call(value, ''), depth + 1)
  if (Array.isArray(value)) {
    return `[${value.map(each => textOf(each, depth + 1) ?? 'null').join(',')}]`
  }
  let text = ''
  for (const name of Object.keys(value)) {
    const inner = textOf((value as Record<string, unknown>)[name], depth + 1)
    if (inner !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${inner}`
  }
  return `{${text}}`
}

function base64(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`
}

function timeText(ms: number, unit: TimestampUnit): string {
  if (ms === 0) return '0'
  switch (unit) {
    case 's':
      return String(ms / 1e3)
    case 'ms':
      return String(ms)
    case 'us':
      return `${ms}000`
    case 'ns':
      return `${ms}000000`
  }
}
