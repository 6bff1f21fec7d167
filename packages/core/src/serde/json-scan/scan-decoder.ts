/**
 * JSON records into columns by scans of their bytes; equal to `JsonDecoder`, the clear version, in
 * every value and failure.
 *
 * Plain records of large batches are scanned in WebAssembly (plain-scan.ts), others by the
 * generated scan. It stops at what it does not take; that record is read by the clear decoder,
 * which is also who words what is wrong with it, and the scan goes on behind it. Faulty records
 * and those with a name twice are therefore no faster than before.
 *
 * Perf: the generated scan of records of 134 bytes with six fields, one or two read: 3.5 to 4.5
 * million a second, 6 to 10 times the clear version in the same run (Node 20, one of two busy
 * cores); with escapes, other than ASCII text, ISO times, nested or reordered fields 3 to 12 times.
 */
import type { Schema } from '../../schema/schema.ts'
import { JsonDecoder, type JsonShape } from '../json-decoder.ts'
import type { ModuleScan } from '../module-scan.ts'
import type { ByteRanges, ColumnsRead, Decoded, DecodeFailure, Decoder } from '../serde.ts'
import { compiledScan, type Scan } from './compiled-scan.ts'
import type { FieldPlan } from './field-values.ts'
import { plainScan } from './plain-scan.ts'
import { type AnyScanCells, scanCells } from './scan-cells.ts'
import { scanMemory } from './scan-memory.ts'

/** The fastest decoder that there is for this shape and what is read of it. */
export function jsonDecoder(shape: JsonShape, read: ColumnsRead): Decoder {
  const clear = new JsonDecoder(shape, read)
  // The whole value of a record is an object, whoever makes it.
  if (shape.standard !== null || clear.schema.isOpen) return clear
  const fields = fieldPlans(shape.schema, clear.schema)
  const scan = compiledScan(fields)
  if (scan === null) return clear
  const memory = scanMemory()
  return new ScanDecoder(clear, scan, memory === null ? null : plainScan(fields, memory))
}

/** The declared fields, then the undeclared columns that are read. */
export function fieldPlans(declared: Schema, read: Schema): FieldPlan[] {
  const undeclared = read.fields.filter(({ name }) => !declared.has(name))
  return [...declared.fields, ...undeclared].map(({ name, type }, position) => ({
    name,
    type,
    isDeclared: declared.has(name),
    column: read.indexOf(name),
    position,
  }))
}

export class ScanDecoder implements Decoder {
  readonly #clear: JsonDecoder
  readonly #scan: Scan
  readonly #plain: ModuleScan | null

  constructor(clear: JsonDecoder, scan: Scan, plain: ModuleScan | null) {
    this.#clear = clear
    this.#scan = scan
    this.#plain = plain
  }

  decode(ranges: ByteRanges): Decoded {
    const { count, data, start, size } = ranges
    const { schema } = this.#clear
    const cells = schema.fields.map(({ type }) => scanCells(type, count))
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const failures: DecodeFailure[] = []
    const scanTo = (from: number, to: number): void => {
      for (let index = from; ; index++) {
        index = this.#scan(data, view, start, size, index, to, cells)
        if (index >= to) return
        this.#readClearly(ranges, index, cells, failures)
      }
    }
    const refused = this.#plain?.scan(ranges, cells)
    if (refused === undefined || refused === null) scanTo(0, count)
    else for (const index of refused) scanTo(index, index + 1)
    return { schema, columns: cells.map(each => each.build(data)), rest: null, failures }
  }

  #readClearly(
    ranges: ByteRanges,
    index: number,
    cells: readonly AnyScanCells[],
    failures: DecodeFailure[],
  ): void {
    const failure = this.#clear.read(ranges, index)
    if (failure !== null) failures.push(failure)
    for (let i = 0; i < cells.length; i++) {
      ;(cells[i] as AnyScanCells).put(index, this.#clear.cells[i] ?? null)
    }
  }
}
