/**
 * The value of a repartition record: the columns a plan carries, by name.
 *
 *   row   = 01 flags names value* rest?
 *   flags = one byte; bit 0: a rest object follows the values; the others are 0
 *   names = varint size of what follows, varint count, then per column varint size and UTF-8 name
 *   value = tagged value, one per name, in order
 *   rest  = tagged JSON: the whole object of an open row, or null
 *
 * The names of a plan never change, so a writer copies them as one block and a reader compares them
 * as one block. Only when they differ (two plans in one group, during a deploy) columns are matched
 * by name: one that is missing is null, or an error where null is not allowed; one too many is
 * passed over.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import type { Cell, CellField, CellType } from './cell.ts'
import { expectEnd, expectVersion, formatError, readCount } from './format-check.ts'
import { readText, writeBytes, writeText } from './sized-text.ts'
import { readTagged, readTaggedAny, writeTagged } from './tagged-value.ts'

const WHAT = 'repartition record'
const VERSION = 1
const HAS_REST = 1
const REST_TYPE: CellType = {
  kind: 'json',
  isNullable: true,
  as: 'number',
  precision: 0,
  scale: 0,
}

export interface RowWriter {
  /**
   * Appends a row: one cell per field, and the rest object of an open row (else null).
   * @throws ENCODE_FAILED with the column; `out` may then hold half of the row.
   */
  write(cells: readonly Cell[], rest: Cell, out: ByteWriter): void
}

export interface RowReader {
  /**
   * Sets `cells[i]` to the cell of field i and gives the rest object, null when there is none.
   * @throws FORMAT_UNKNOWN naming the column that is missing or does not fit.
   */
  read(bytes: Uint8Array, cells: Cell[]): Cell
}

/** What every row of these fields begins with: version, flags, names. */
export function rowHead(fields: readonly CellField[], isOpen: boolean): Buffer {
  const out = new ByteWriter()
  out.byte(VERSION)
  out.byte(isOpen ? HAS_REST : 0)
  writeBytes(namesBlock(fields), out)
  return out.copy()
}

export function rowWriter(fields: readonly CellField[], isOpen: boolean): RowWriter {
  const head = rowHead(fields, isOpen)
  return {
    write(cells, rest, out) {
      out.bytes(head)
      for (let i = 0; i < fields.length; i++) {
        const { type, name } = fields[i] as CellField
        writeTagged(cells[i] ?? null, type, out, name)
      }
      if (isOpen) writeTagged(rest, REST_TYPE, out)
    },
  }
}

export function rowReader(fields: readonly CellField[]): RowReader {
  const expected = namesBlock(fields)
  const straight = fields.map((_, index) => index)
  let other: { readonly block: Buffer; readonly targets: readonly number[] } | undefined

  /** For each value of the row, the field it belongs to; -1 = none. */
  const targetsOf = (block: Buffer): readonly number[] => {
    if (expected.equals(block)) return straight
    if (other === undefined || !other.block.equals(block)) {
      other = { block: Buffer.from(block), targets: matchNames(block, fields) }
    }
    return other.targets
  }

  return {
    read(bytes, cells) {
      const from = new ByteReader(bytes, WHAT)
      expectVersion(from, VERSION, WHAT)
      const flags = from.byte()
      if ((flags & ~HAS_REST) !== 0) throw formatError(WHAT, 'flags 0 or 1', `flags ${flags}`)
      const targets = targetsOf(from.bytes(from.unsigned()))
      if (targets !== straight) cells.fill(null, 0, fields.length)
      for (const target of targets) {
        if (target < 0) readTaggedAny(from)
        else cells[target] = readCell(from, fields[target] as CellField)
      }
      const rest = (flags & HAS_REST) === 0 ? null : readTagged(from, REST_TYPE)
      expectEnd(from, WHAT)
      return rest
    },
  }
}

function readCell(from: ByteReader, field: CellField): Cell {
  return readTagged(from, field.type, field.name)
}

function namesBlock(fields: readonly CellField[]): Buffer {
  const out = new ByteWriter()
  out.unsigned(fields.length)
  for (const { name } of fields) writeText(name, out)
  return out.copy()
}

function matchNames(block: Buffer, fields: readonly CellField[]): readonly number[] {
  const from = new ByteReader(block, WHAT)
  const names = Array.from({ length: readCount(from, 1, WHAT) }, () => readText(from))
  expectEnd(from, WHAT)
  for (const { name, type } of fields) {
    if (!type.isNullable && !names.includes(name)) {
      const got = names.map(n => JSON.stringify(n)).join(', ')
      throw formatError(WHAT, `the column ${JSON.stringify(name)}`, `the columns ${got}`)
    }
  }
  const indices = new Map(fields.map(({ name }, index) => [name, index]))
  return names.map(name => indices.get(name) ?? -1)
}
