/**
 * Cells as text for people, on one line and harmless: control and formatting characters are
 * escaped, as records may hold sequences that would steer the terminal.
 */
import type { CellValue } from '../batch/column.ts'
import type { DataType } from '../schema/data-type.ts'
import { valueText } from '../serde/json-text.ts'

const LENGTH_MAX = 80
const BYTES_MAX = 16
const TIME_COLUMNS: ReadonlySet<string> = new Set(['window_start', 'window_end'])
/** Control, format, surrogate, line and paragraph separator. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text without characters that are not shown as themselves: `\n`, `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    character => SHORT[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  )
}

/** A cell for a table; at most 80 characters. Times and window bounds are ISO text in UTC. */
export function cellPrint(type: DataType, name: string, cell: CellValue): string {
  if (cell === null || cell === undefined) return 'null'
  const text = textOf(type, name, cell)
  const cut = text.length <= LENGTH_MAX ? text : `${text.slice(0, LENGTH_MAX - 1)}…`
  return printable(cut)
}

function textOf(type: DataType, name: string, cell: NonNullable<CellValue>): string {
  if (typeof cell === 'number') {
    const isTime = type.kind === 'timestamp' || TIME_COLUMNS.has(name)
    return isTime && Math.abs(cell) <= 8.64e15 ? new Date(cell).toISOString() : String(cell)
  }
  if (cell instanceof Uint8Array) {
    const hex = Buffer.from(cell.subarray(0, BYTES_MAX)).toString('hex')
    return `0x${hex}${cell.length > BYTES_MAX ? '…' : ''}`
  }
  return typeof cell === 'object' ? objectText(cell) : String(cell)
}

function objectText(cell: object): string {
  try {
    return valueText(cell, '') ?? ''
  } catch {
    return String(cell)
  }
}
