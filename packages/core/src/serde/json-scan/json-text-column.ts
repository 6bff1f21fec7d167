/**
 * A `json` column as ranges of JSON text; a value is made only when its cell is asked for. Made
 * ones are kept, so a cell is the same object each time; numbers are read anew.
 */
import { type CellValue, JsonColumn } from '../../batch/column.ts'
import type { DataType } from '../../schema/data-type.ts'
import { parseJson } from '../json-parse.ts'
import { stringEnd } from './lexer.ts'
import { doubleEnd, NUMBER } from './number-scan.ts'

/** Cell i is the valid JSON text `data[start[i], start[i] + size[i])`; size 0 = null. */
export interface TextRanges {
  readonly data: Buffer
  readonly start: Int32Array
  readonly size: Int32Array
}

export class JsonTextColumn extends JsonColumn {
  readonly #ranges: TextRanges
  readonly #known: (CellValue | undefined)[]

  /** @param known cells that are not in the text, by index; the column keeps and fills it. */
  constructor(type: DataType, ranges: TextRanges, known: (CellValue | undefined)[]) {
    super(type, known as CellValue[])
    this.#ranges = ranges
    this.#known = known
  }

  /** All cells. */
  override get values(): readonly CellValue[] {
    return Array.from(this.#known, (_, index) => this.get(index))
  }

  override isNull(index: number): boolean {
    const known = this.#known[index]
    if (known !== undefined) return known === null
    const { data, start, size } = this.#ranges
    return size[index] === 0 || data[start[index] as number] === 0x6e
  }

  override get(index: number): CellValue {
    const known = this.#known[index]
    if (known !== undefined) return known
    const { data, start, size } = this.#ranges
    const from = start[index] as number
    const end = from + (size[index] as number)
    if (from === end) return null
    const byte = data[from] as number
    if (isNumeric(byte) && doubleEnd(data, from, end) === end && isExact(NUMBER[0] as number)) {
      return NUMBER[0] as number
    }
    const value = cellOf(data, from, end)
    this.#known[index] = value
    return value
  }
}

function isNumeric(byte: number): boolean {
  return byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
}

/** Whole numbers beyond 2^53 are bigint, and those that merely round to one are rare. */
function isExact(value: number): boolean {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER
}

function cellOf(data: Buffer, from: number, end: number): CellValue {
  switch (data[from]) {
    case 0x6e:
      return null
    case 0x74:
      return true
    case 0x66:
      return false
    case 0x22:
      if (stringEnd(data, from + 1, end) >= 0) return data.toString('utf8', from + 1, end - 1)
  }
  // In brackets it is read as it would be within its record: long numbers exactly, as deep.
  const [value] = parseJson(`[${data.toString('utf8', from, end)}]`) as [CellValue]
  return value
}
