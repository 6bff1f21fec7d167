/**
 * JSON records into columns by the generated scan; equal to `JsonDecoder`, the clear version, in
 * every value and failure.
 *
 * The scan reads plain records and stops at any other; that one is read by the clear decoder, which
 * is also who words what is wrong with it, and the scan goes on behind it. Faulty records and those
 * with a name twice are therefore no faster than before.
 *
 * Perf: records of 134 bytes with six fields, one or two read: 3.5 to 4.5 million a second, 6 to 10
 * times the clear version in the same run (Node 20, one of two busy cores); with escapes, other
 * than ASCII text, ISO times, nested or reordered fields 3 to 12 times.
 */
import type { Schema } from '../../schema/schema.ts'
import { JsonDecoder, type JsonShape } from '../json-decoder.ts'
import type { ByteRanges, ColumnsRead, Decoded, DecodeFailure, Decoder } from '../serde.ts'
import { compiledScan, type Scan } from './compiled-scan.ts'
import type { FieldPlan } from './field-values.ts'
import { type AnyScanCells, scanCells } from './scan-cells.ts'

/** The fastest decoder that there is for this shape and what is read of it. */
export function jsonDecoder(shape: JsonShape, read: ColumnsRead): Decoder {
  const clear = new JsonDecoder(shape, read)
  // The whole value of a record is an object, whoever makes it.
  if (shape.standard !== null || clear.schema.isOpen) return clear
  const scan = compiledScan(fieldPlans(shape.schema, clear.schema))
  return scan === null ? clear : new ScanDecoder(clear, scan)
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

  constructor(clear: JsonDecoder, scan: Scan) {
    this.#clear = clear
    this.#scan = scan
  }

  decode(ranges: ByteRanges): Decoded {
    const { count, data, start, size } = ranges
    const { schema } = this.#clear
    const cells = schema.fields.map(({ type }) => scanCells(type, count))
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const failures: DecodeFailure[] = []
    let index = this.#scan(data, view, start, size, 0, count, cells)
    while (index < count) {
      this.#readClearly(ranges, index, cells, failures)
      index = this.#scan(data, view, start, size, index + 1, count, cells)
    }
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
