/**
 * What the driver gives for a column of a row, as a cell of a frame: the way back of `encode.ts`.
 *
 * Which type fits which is the same in both directions (`type-fit.ts`). JSON is asked for as text.
 */
import { type CellValue, type DataType, isRefusal, parseJson, toCell } from '@millrace/core'
import { types } from 'cassandra-driver'

/** @throws RangeError with what was expected and what there is */
export function decodedCell(type: DataType, value: unknown): CellValue {
  if (value === null || value === undefined) return null
  const found = plain(type, value)
  const cell = isRefusal(found) ? found : toCell(type, found)
  if (isRefusal(cell)) throw new RangeError(`${cell.expected} was expected, there is ${cell.got}`)
  return cell
}

function plain(type: DataType, value: unknown): unknown {
  switch (type.kind) {
    case 'decimal':
      return String(value)
    case 'string':
      return value instanceof Date ? value.toISOString() : String(value)
    case 'int32':
    case 'float64':
      return Number(numberText(value))
    case 'int64':
      return type.as === 'number' ? Number(numberText(value)) : BigInt(numberText(value))
    case 'timestamp':
      return milliseconds(value)
    case 'bytes':
      return bytesOf(value)
    case 'json':
      return parseJson(String(value))
    default:
      return value
  }
}

function numberText(value: unknown): string {
  return value instanceof types.LocalTime ? value.getTotalNanoseconds().toString() : String(value)
}

function milliseconds(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  return value instanceof types.LocalDate ? Date.parse(`${value}T00:00Z`) : Number(String(value))
}

function bytesOf(value: unknown): unknown {
  const isAddress = value instanceof types.InetAddress || value instanceof types.Uuid
  return isAddress ? value.getBuffer() : value
}
