import type { CellValue } from '../../batch/column.ts'
import { isRefusal, toCell } from '../../schema/cell.ts'
import type { DataType } from '../../schema/data-type.ts'
import { parseJson, textsOf } from '../json-parse.ts'

/** The cell that valid JSON text `data[from, end)` writes; undefined where it is none. */
export type NestedReader = (data: Buffer, from: number, end: number) => CellValue | undefined

/** Reads lists and structs by the means of the clear decoder. */
export function nestedReader(type: DataType): NestedReader {
  const items = textsOf(type)
  const texts = items === null ? null : { isText: false, fields: new Map(), items }
  return (data, from, end) => {
    // In brackets it is read as it would be within its record: long numbers exactly, as deep.
    const parsed = parseJson(`[${data.toString('utf8', from, end)}]`, texts)
    if (isRefusal(parsed)) return undefined
    const cell = toCell(type, (parsed as unknown[])[0], 'json')
    return isRefusal(cell) ? undefined : cell
  }
}
