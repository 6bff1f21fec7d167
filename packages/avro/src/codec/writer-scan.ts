/**
 * The scan of the records of one writer: in WebAssembly where all values are flat; the generated
 * one where there is one; and the clear decoder, which reads what they leave and says what is wrong
 * with it.
 *
 * All accept the same records and give the same cells.
 */
import type { CellValue, DecodeFailure, ModuleScan } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import type { AnyAvroCells, ValueCells } from './avro-cells.ts'
import { compiledScan, type Scan } from './compiled-scan.ts'
import { Cursor } from './cursor.ts'
import { flatScan } from './flat-scan.ts'
import { flatScanMemory } from './flat-scan-memory.ts'
import { type ScanPlan, type ScanWish, scanPlan } from './scan-plan.ts'
import { ValueFault } from './value-fault.ts'

/** Records as ranges of bytes, and where their cells go. */
export interface Scanning {
  readonly data: Buffer
  readonly view: DataView
  readonly start: Int32Array
  readonly size: Int32Array
  readonly cells: readonly AnyAvroCells[]
  /** Whole values, where they are kept. */
  readonly rest: ValueCells | null
  readonly failures: DecodeFailure[]
}

export interface WriterScanOptions {
  /** Makes the generated scan; null: the clear decoder reads everything. */
  readonly compile?: (plan: ScanPlan) => Scan | null
  /** Makes the scan in front of it; null: there is none. */
  readonly flat?: (plan: ScanPlan) => Pick<ModuleScan, 'scan'> | null
}

export class WriterScan {
  readonly #plan: ScanPlan
  readonly #scan: Scan | null
  readonly #flat: Pick<ModuleScan, 'scan'> | null
  readonly #cursor = new Cursor()
  readonly #cells: CellValue[]

  constructor(
    writer: AvroSchema,
    wish: ScanWish,
    { compile = compiledScan, flat = sharedFlatScan }: WriterScanOptions = {},
  ) {
    this.#plan = scanPlan(writer, wish)
    this.#scan = compile(this.#plan)
    this.#flat = flat(this.#plan)
    this.#cells = this.#plan.types.map(() => null)
  }

  /** Scans the records from index `from` to `count`, whose values are behind `head` bytes. */
  run(scanning: Scanning, from: number, count: number, head: number): void {
    // Cells of a bit each begin with a byte.
    const refused = from > 0 ? null : this.flat(scanning, count, head)
    if (refused === null) this.#scanTo(scanning, from, count, head)
    else for (const index of refused) this.#scanTo(scanning, index, index + 1, head)
  }

  /**
   * Scans all records in WebAssembly, whose values are behind `head` bytes; where that is an id,
   * those that have another than the first one are among the refused, whose numbers it gives. Null:
   * it did nothing.
   */
  flat({ data, start, size, cells }: Scanning, count: number, head: number): Int32Array | null {
    return this.#flat?.scan({ data, start, size, count }, cells, head) ?? null
  }

  #scanTo(scanning: Scanning, from: number, count: number, head: number): void {
    const { data, view, start, size, cells, rest } = scanning
    let index = from
    for (;;) {
      if (this.#scan !== null) {
        index = this.#scan(data, view, start, size, index, count, cells, rest, head)
      }
      if (index >= count) return
      this.#readClearly(scanning, index, head)
      index++
    }
  }

  #readClearly(scanning: Scanning, index: number, head: number): void {
    const { cells, rest } = scanning
    const failure = this.#read(scanning, index, head)
    const isNull = (scanning.size[index] as number) < 0 || failure !== null
    if (failure !== null) scanning.failures.push(failure)
    for (let i = 0; i < cells.length; i++) {
      ;(cells[i] as AnyAvroCells).put(index, isNull ? null : (this.#cells[i] as CellValue))
    }
    rest?.put(index, isNull ? null : this.#whole(scanning, index, head))
  }

  /** Clear version of the generated scan: reads one record, or says why it cannot be read. */
  #read({ data, start, size }: Scanning, index: number, head: number): DecodeFailure | null {
    const length = size[index] as number
    if (length < 0) return null
    const { steps, defaults, missing } = this.#plan
    const cursor = this.#cursor
    const end = (start[index] as number) + length
    let at = (start[index] as number) + head
    let name = ''
    try {
      for (const step of steps) {
        name = step.name
        // Anew for each field: the bounds of nested values hold for each.
        cursor.open(data, at, end)
        if (step.column < 0) step.reader.skip(cursor)
        else this.#cells[step.column] = step.reader.read(cursor) as CellValue
        at = cursor.at
      }
      name = ''
      if (at < end) throw new ValueFault('the end of the record', `${end - at} bytes more`)
    } catch (error) {
      if (!(error instanceof ValueFault)) throw error
      const { code, expected, got, path } = name === '' ? error : error.within(name)
      return { index, field: path === '' ? undefined : path, code, expected, got }
    }
    for (const { column, make } of defaults) this.#cells[column] = make() as CellValue
    for (const column of missing) this.#cells[column] = null
    return null
  }

  #whole({ data, start, size }: Scanning, index: number, head: number): CellValue {
    const from = start[index] as number
    this.#cursor.openChecked(data, from + head, from + (size[index] as number))
    return this.#plan.whole?.read(this.#cursor) as CellValue
  }
}

function sharedFlatScan(plan: ScanPlan): ModuleScan | null {
  const memory = flatScanMemory()
  return memory === null ? null : flatScan(plan, memory)
}
