/**
 * The scan of plain records in WebAssembly (wasm/record-scan.ts): the table of fields that it reads
 * them by.
 *
 * Perf: records of 134 bytes with six fields, one or all of them read, take 0.4 of the time of the
 * generated scan, with the copies in and out (the kernels of benchmark `micro`, in turns).
 */
import type { DataType } from '../../schema/data-type.ts'
import { WasmModule } from '../../util/wasm-module.ts'
import { type BatchPlace, type CellsPlace, ModuleScan, type ScanTable } from '../module-scan.ts'
import type { FieldPlan } from './field-values.ts'
import type { ScanMemory } from './scan-memory.ts'

/** Of a field in the table. */
const FIELD_BYTES = 112
const NAME_AT = 48
const NAME_BYTES_MAX = 32
const FIELDS_MAX = 64

const KINDS = ['string', 'boolean', 'int32', 'int64', 'safe', 'float64', 'milliseconds']

/** The number of the kind in record-scan.ts; -1 = it is not read there. */
function kindOf(type: DataType): number {
  if (type.kind === 'int64') return KINDS.indexOf(type.as === 'number' ? 'safe' : 'int64')
  if (type.kind !== 'timestamp') return KINDS.indexOf(type.kind)
  return type.unit === undefined || type.unit === 'ms' ? KINDS.indexOf('milliseconds') : -1
}

/** The name as it stands in a record; null when it has escapes. */
function nameOf({ name }: FieldPlan): Buffer | null {
  return JSON.stringify(name) === `"${name}"` ? Buffer.from(`"${name}":`) : null
}

function isPlain(field: FieldPlan): boolean {
  const name = nameOf(field)
  return name !== null && name.length <= NAME_BYTES_MAX && kindOf(field.type) >= 0
}

/** Null: some of the fields cannot be scanned so. */
export function plainScan(
  fields: readonly FieldPlan[],
  memory: ScanMemory,
  recordsMin?: number,
): ModuleScan | null {
  if (fields.length === 0 || fields.length > FIELDS_MAX || !fields.every(isPlain)) return null
  return new ModuleScan(memory, new FieldTable(fields, memory), recordsMin)
}

class FieldTable implements ScanTable {
  readonly bytes: Buffer
  readonly columns: readonly FieldPlan[]
  readonly #memory: ScanMemory
  readonly #fieldCount: number

  constructor(fields: readonly FieldPlan[], memory: ScanMemory) {
    this.bytes = tableOf(fields)
    this.columns = fields.filter(({ column }) => column >= 0)
    this.#memory = memory
    this.#fieldCount = fields.length
  }

  point(places: readonly CellsPlace[]): void {
    for (const [i, { values, sizes, present, hadNulls }] of places.entries()) {
      const head = (this.columns[i] as FieldPlan).position * FIELD_BYTES
      this.bytes.writeInt32LE(values, head + 12)
      this.bytes.writeInt32LE(sizes, head + 16)
      this.bytes.writeInt32LE(present, head + 20)
      this.bytes.writeInt32LE(hadNulls, head + 24)
    }
  }

  scan({ count, base, low, high, starts, sizes, refused }: BatchPlace): number {
    const { scan } = this.#memory
    const table = WasmModule.FREE_FROM
    return scan(table, this.#fieldCount, base, low, high, starts, sizes, count, refused)
  }
}

function tableOf(fields: readonly FieldPlan[]): Buffer {
  const table = Buffer.alloc(fields.length * FIELD_BYTES)
  for (const [position, field] of fields.entries()) {
    const head = position * FIELD_BYTES
    const name = nameOf(field) as Buffer
    table.writeInt32LE(kindOf(field.type), head)
    table.writeInt32LE(name.length, head + 4)
    table.writeInt32LE(field.type.isNullable ? 1 : 0, head + 8)
    const next = (position + 1) % fields.length
    table.writeInt32LE(WasmModule.FREE_FROM + next * FIELD_BYTES, head + 28)
    table.writeBigUInt64LE(1n << BigInt(position), head + 32)
    name.copy(table, head + NAME_AT)
    table.fill(0xff, head + NAME_AT + NAME_BYTES_MAX, head + NAME_AT + NAME_BYTES_MAX + name.length)
  }
  return table
}
