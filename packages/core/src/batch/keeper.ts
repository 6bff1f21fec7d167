/**
 * How a value that a user's function gives is kept in memory, and handed out again.
 *
 * What is kept is what a restart would read back: text, numbers and booleans as they are; bytes,
 * JSON and rows in their stored form. So nothing that a function does to an object later changes
 * state, and state is the same before and after a restart.
 */
import { MillraceError } from '../errors.ts'
import type { CellValue } from '../record/cell-value.ts'
import { rowReader, rowWriter } from '../record/format/row-format.ts'
import { readBytes, writeBytes } from '../record/format/sized-text.ts'
import { readTagged, writeTagged } from '../record/format/tagged-value.ts'
import { isRefusal, toCell } from '../schema/cell.ts'
import type { DataType, TypeKind } from '../schema/data-type.ts'
import { describeValue } from '../schema/refusal.ts'
import { Schema } from '../schema/schema.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { type Row, setOwn } from './row.ts'
import { rowCells } from './row-cells.ts'

/** A value as it is kept. */
export type Held = string | number | bigint | boolean | Buffer | null

export interface Keeper {
  /**
   * @param name of what it is kept as, for errors: `state "total"`.
   * @throws FUNCTION_FAILED, TIMESTAMP_UNIT or OVERFLOW when the value does not fit.
   */
  hold(value: unknown, name: string): Held
  give(held: Held): unknown
  /** Its size when stored, at least. */
  sizeOf(held: Held): number
  write(held: Held, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN when what is stored does not fit. */
  read(from: ByteReader): Held
}

export function keeperOf(type: DataType | Schema): Keeper {
  if (type instanceof Schema) return rowKeeper(type)
  return OBJECTS.has(type.kind) ? storedKeeper(type) : cellKeeper(type)
}

const OBJECTS: ReadonlySet<TypeKind> = new Set(['json', 'bytes', 'list', 'struct'])

/** Cells that nothing can change. */
function cellKeeper(type: DataType): Keeper {
  return {
    hold: (value, name) => wellFormed(cellOf(type, value, name) as Held),
    give: held => held,
    sizeOf: held => (typeof held === 'string' ? Buffer.byteLength(held) + 6 : 9),
    write: (held, out) => writeTagged(held, type, out),
    read: from => readTagged(from, type) as Held,
  }
}

/** Cells that are objects, as the bytes of their tagged values. */
function storedKeeper(type: DataType): Keeper {
  const out = new ByteWriter()
  const stored = (cell: CellValue): Buffer => {
    out.reset()
    writeTagged(cell, type, out)
    return out.copy()
  }
  return {
    hold: (value, name) => stored(cellOf(type, value, name)),
    give: held => readTagged(new ByteReader(held as Buffer, 'state'), type),
    sizeOf: held => (held as Buffer).length,
    write: (held, to) => to.bytes(held as Buffer),
    read: from => stored(readTagged(from, type)),
  }
}

/** Rows, in the row format. */
function rowKeeper(schema: Schema): Keeper {
  const { fields, names } = schema
  const out = new ByteWriter()
  const writer = rowWriter(fields, false)
  const reader = rowReader(fields)
  const stored = (cells: readonly CellValue[]): Buffer => {
    out.reset()
    writer.write(cells, null, out)
    return out.copy()
  }
  const cellsOf = (bytes: Uint8Array): CellValue[] => {
    const cells: CellValue[] = new Array(fields.length).fill(null)
    reader.read(bytes, cells)
    return cells
  }
  return {
    hold: (value, name) => {
      const isRow = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (isRow) return stored(rowCells(schema, value as Row))
      throw misfit(name, `a row of ${schema}`, describeValue(value))
    },
    give: held => {
      const row: Row = {}
      for (const [i, cell] of cellsOf(held as Buffer).entries()) {
        setOwn(row, names[i] as string, cell)
      }
      return row
    },
    sizeOf: held => (held as Buffer).length + 4,
    write: (held, to) => writeBytes(held as Buffer, to),
    read: from => stored(cellsOf(readBytes(from))),
  }
}

function cellOf(type: DataType, value: unknown, name: string): CellValue {
  const cell = toCell(type, value)
  if (!isRefusal(cell)) return cell
  throw misfit(name, cell.expected, cell.got, cell.code === 'DECODE_FAILED' ? undefined : cell.code)
}

function misfit(
  name: string,
  expected: string,
  got: string,
  code: 'FUNCTION_FAILED' | 'OVERFLOW' | 'TIMESTAMP_UNIT' = 'FUNCTION_FAILED',
): MillraceError {
  return new MillraceError(
    code,
    `${name} was given a wrong value: expected ${expected}, got ${got}.`,
  )
}

/** A lone surrogate is stored as U+FFFD, so it is kept as that. */
function wellFormed(held: Held): Held {
  return typeof held === 'string' && /\p{Surrogate}/u.test(held)
    ? Buffer.from(held, 'utf8').toString('utf8')
    : held
}
