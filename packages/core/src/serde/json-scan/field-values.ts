/**
 * The generated code that reads one value of a record, by type.
 *
 * Each piece begins with `at` at the first byte of the value (`byte`), and ends with `at` behind it
 * or with `return index`, which leaves the record to the clear decoder. A column that is not read
 * is checked by the same code, without the store.
 */
import type { DataType } from '../../schema/data-type.ts'

export interface FieldPlan {
  readonly name: string
  readonly type: DataType
  /** False: an undeclared column of an open schema; it may be missing and hold anything. */
  readonly isDeclared: boolean
  /** Its position among the columns read, or -1. */
  readonly column: number
  /** Its position among the fields of the scan. */
  readonly position: number
}

const LEAVE = 'return index'
const NULL_BYTE = 0x6e
const QUOTE = 0x22

export function valueCode(field: FieldPlan): string {
  const { type } = field
  // Null is a JSON value too.
  if (type.kind === 'json') return jsonCode(field)
  if (isNested(type)) return nestedCode(field)
  const read = scalarCode(field)
  if (!type.isNullable) return read
  const store = field.column >= 0 ? `cells${field.column}.setNull(index)` : ''
  return `if (byte === ${NULL_BYTE}) {
    if (!isNull(data, at, end)) ${LEAVE}
    at += 4
    ${store}
  } else {
    ${read}
  }`
}

function scalarCode(field: FieldPlan): string {
  const { column, type } = field
  const values = column >= 0 ? `values${column}` : ''
  switch (type.kind) {
    case 'string':
      return stringCode(column)
    case 'boolean':
      return `at = booleanEnd(data, at, end)
      if (at < 0) ${LEAVE}
      ${values && `if (byte === 0x74) ${values}[index >>> 3] |= 1 << (index & 7)`}`
    case 'int32':
      return numberCode('int32End', values && `${values}[index] = NUMBER[0]`)
    case 'int64':
      return quotableCode(
        `${type.as === 'number' ? 'safeEnd' : 'longEnd'}(data, at, end)`,
        values &&
          `${values}[2 * index] = WORDS[0]
          ${values}[2 * index + 1] = WORDS[1]`,
      )
    case 'decimal':
      return quotableCode(
        `decimalEnd(data, at, end, ${type.precision}, ${type.scale})`,
        values && [0, 1, 2, 3].map(w => `${values}[4 * index + ${w}] = DECIMAL[${w}]`).join('\n'),
      )
    case 'float64':
      if (values === '') return numberCode('numberEnd', '')
      return numberCode('doubleEnd', `${values}[index] = NUMBER[0]`)
    case 'timestamp':
      return numberCode(
        `timeEnd_${type.unit ?? 'any'}`,
        values &&
          `const time = NUMBER[0]
          ${values}[2 * index] = time
          ${values}[2 * index + 1] = Math.floor(time / 0x100000000)`,
      )
    case 'bytes':
      return bytesCode(column)
    case 'json':
      return jsonCode(field)
    case 'list':
    case 'struct':
      return nestedCode(field)
  }
}

function numberCode(scan: string, store: string): string {
  return `at = ${scan}(data, at, end)
    if (at < 0) ${LEAVE}
    ${store}`
}

/** As number or as text of digits. */
function quotableCode(scan: string, store: string): string {
  return `if (byte === ${QUOTE}) at++
    at = ${scan}
    if (at < 0) ${LEAVE}
    if (byte === ${QUOTE}) {
      if (at >= end || data[at] !== ${QUOTE}) ${LEAVE}
      at++
    }
    ${store}`
}

function bytesCode(column: number): string {
  return `if (byte !== ${QUOTE}) ${LEAVE}
    const close = stringEnd(data, at + 1, end)
    if (close < 0 || !isBase64(data, at + 1, close)) ${LEAVE}
    ${column >= 0 ? `cells${column}.setBase64(index, data, at + 1, close)` : ''}
    at = close + 1`
}

function stringCode(column: number): string {
  const plain =
    column >= 0 ? `values${column}[index] = at + 1; size${column}[index] = close - at - 1` : ''
  const escaped = column >= 0 ? `cells${column}.setEscaped(index, data, at + 1, ~close)` : ''
  return `if (byte !== ${QUOTE}) ${LEAVE}
    const close = stringEnd(data, at + 1, end)
    if (close >= 0) {
      ${plain}
      at = close + 1
    } else {
      if (close === FAULT) ${LEAVE}
      ${escaped}
      at = ~close + 1
    }`
}

export function isNested({ kind }: DataType): boolean {
  return kind === 'list' || kind === 'struct'
}

/** The reader of the type makes the cell of its text; it says `undefined` where there is none. */
function nestedCode({ position, column }: FieldPlan): string {
  return `const from = at
    at = valueEnd(data, at, end, 1)
    if (at < 0) ${LEAVE}
    const cell = nested[${position}](data, from, at)
    if (cell === undefined) ${LEAVE}
    ${column >= 0 ? `cells${column}.put(index, cell)` : ''}`
}

/** Any value; the clear decoder says what is wrong with a null. */
function jsonCode({ type, column }: FieldPlan): string {
  return `const from = at
    at = valueEnd(data, at, end, 1)
    if (at < 0) ${LEAVE}
    ${type.isNullable ? '' : `if (byte === ${NULL_BYTE}) ${LEAVE}`}
    ${column >= 0 ? `values${column}[index] = from; size${column}[index] = at - from` : ''}`
}
