/**
 * The scan of flat records in WebAssembly (wasm/flat-scan.ts): the table of steps that it reads the
 * records of one writer by.
 *
 * Flat are records whose values have no structure: no arrays, maps or records in them, and neither
 * decimals nor UUIDs in bytes, whose cells are made; where columns are filled in, it does not serve
 * either.
 */
import {
  type BatchPlace,
  type CellsPlace,
  type DataType,
  ModuleScan,
  type ScanTable,
  WasmModule,
} from '@millrace/core'
import type { FixedType, PrimitiveType } from '../avro-schema/avro-type.ts'
import type { FlatScanMemory } from './flat-scan-memory.ts'
import type { EnumResolution, Resolution } from './resolution.ts'
import { isFlat } from './scan-code.ts'
import type { ScanPlan, ScanStep } from './scan-plan.ts'
import { unitsPerMs } from './time.ts'
import { isTime, type ValueForm } from './value-form.ts'

/** Of a step in the table. */
const STEP_BYTES = 40
const STEPS_MAX = 512
const SYMBOL_BYTES = 8
const SYMBOLS_MAX = 4_096

const KINDS = [
  'null',
  'boolean',
  'int',
  'int as long',
  'int as double',
  'long',
  'safe',
  'time',
  'long as double',
  'float',
  'double',
  'bytes',
  'text',
  'fixed',
  'symbol',
  'union',
  'refused',
] as const

type Kind = (typeof KINDS)[number]

interface FlatStep {
  readonly kind: Kind
  /** Among the columns read; -1 = it is checked and not kept. */
  readonly column: number
  /** Of a fixed; how many symbols or branches there are. */
  readonly size?: number
  readonly units?: bigint
  /** By the writer's number: where a symbol starts, as `RangeCells` has it, and its size. */
  readonly symbols?: readonly (readonly [start: number, size: number])[]
}

/** In place of the start of a symbol that the reader does not have. */
const NO_SYMBOL = [0, 0] as const

/** Null: some of the values cannot be scanned so. */
export function flatScan(
  plan: ScanPlan,
  memory: FlatScanMemory,
  recordsMin?: number,
): ModuleScan | null {
  const { types, steps, defaults, missing, whole } = plan
  if (whole !== null || defaults.length + missing.length > 0) return null
  if (types.some(({ kind }) => kind === 'json')) return null
  // Where the writer's type is another one altogether, columns have nothing to come from.
  if (!types.every((_, column) => steps.some(step => step.column === column))) return null
  const flat: FlatStep[] = []
  for (const step of steps) {
    const found = flatSteps(step)
    if (found === null) return null
    flat.push(...found)
  }
  const symbols = flat.reduce((sum, step) => sum + (step.symbols?.length ?? 0), 0)
  if (flat.length > STEPS_MAX || symbols > SYMBOLS_MAX) return null
  return new ModuleScan(memory, new StepTable(flat, types, memory), recordsMin)
}

/** A step, or that of a union and those of its branches; null: it cannot be scanned. */
function flatSteps({ resolution, column, form }: ScanStep): FlatStep[] | null {
  if (!isFlat(resolution, form, column < 0)) return null
  const value = unwrapped(resolution)
  if (value.kind !== 'writer-union') {
    const step = flatStep(value, column, form)
    return step === null ? null : [step]
  }
  const branches = value.branches.map(branch => flatStep(unwrapped(branch), column, form))
  if (branches.includes(null)) return null
  const union: FlatStep = { kind: 'union', column: -1, size: branches.length }
  return [union, ...(branches as FlatStep[])]
}

function unwrapped(resolution: Resolution): Resolution {
  return resolution.kind === 'reader-union' ? unwrapped(resolution.value) : resolution
}

function flatStep(resolution: Resolution, column: number, form: ValueForm): FlatStep | null {
  switch (resolution.kind) {
    case 'error':
      return { kind: 'refused', column }
    case 'enum': {
      const symbols = symbolsOf(resolution)
      return { kind: 'symbol', column, size: symbols.length, symbols }
    }
    case 'scalar': {
      const { writer, reader } = resolution
      const kind = kindOf(writer, reader, form)
      if (kind === null) return null
      if (kind === 'fixed') return { kind, column, size: (writer as FixedType).size }
      return { kind, column, units: kind === 'time' ? unitsPerMs(reader.logical) : 1n }
    }
    default:
      return null
  }
}

function kindOf(
  writer: PrimitiveType | FixedType,
  reader: PrimitiveType | FixedType,
  form: ValueForm,
): Kind | null {
  switch (writer.kind) {
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
      return writer.kind
    case 'int':
      if (reader.kind === 'int') return 'int'
      if (reader.kind === 'double') return 'int as double'
      return reader.kind === 'long' && !isTime(reader, form) ? 'int as long' : null
    case 'long':
      if (reader.kind === 'double') return 'long as double'
      if (reader.kind !== 'long') return null
      if (isTime(reader, form)) return 'time'
      return form.long === 'bigint' ? 'long' : 'safe'
    default:
      if (reader.kind === 'string') return writer.kind === 'fixed' ? null : 'text'
      if (reader.logical !== null) return null
      return writer.kind === 'fixed' ? 'fixed' : 'bytes'
  }
}

/** Symbols are what is kept aside first in a column, one behind the other. */
function symbolsOf({ reader, indices }: EnumResolution): NonNullable<FlatStep['symbols']> {
  let end = 0
  const ranges = reader.symbols.map(symbol => {
    const from = end
    end += symbol.length
    return [~from, symbol.length] as const
  })
  return Array.from(indices, index => ranges[index] ?? NO_SYMBOL)
}

class StepTable implements ScanTable {
  readonly bytes: Buffer
  readonly columns: readonly { readonly column: number; readonly type: DataType }[]
  readonly #steps: readonly FlatStep[]
  readonly #memory: FlatScanMemory

  constructor(steps: readonly FlatStep[], types: readonly DataType[], memory: FlatScanMemory) {
    this.#steps = steps
    this.#memory = memory
    this.columns = types.map((type, column) => ({ column, type }))
    this.bytes = tableOf(steps, types)
  }

  point(places: readonly CellsPlace[]): void {
    for (const [i, { column }] of this.#steps.entries()) {
      if (column < 0) continue
      const { values, sizes, present, hadNulls } = places[column] as CellsPlace
      const head = i * STEP_BYTES
      this.bytes.writeInt32LE(values, head + 8)
      this.bytes.writeInt32LE(sizes, head + 12)
      this.bytes.writeInt32LE(present, head + 16)
      this.bytes.writeInt32LE(hadNulls, head + 20)
    }
  }

  scan({ count, base, low, high, starts, sizes, refused }: BatchPlace, head: number): number {
    const { scan } = this.#memory
    const [table, steps] = [WasmModule.FREE_FROM, this.#steps.length]
    return scan(table, steps, head, base, low, high, starts, sizes, count, refused)
  }
}

/** The steps, and behind them the symbols. */
function tableOf(steps: readonly FlatStep[], types: readonly DataType[]): Buffer {
  const symbols = steps.flatMap(step => step.symbols ?? [])
  const table = Buffer.alloc(steps.length * STEP_BYTES + symbols.length * SYMBOL_BYTES)
  let end = steps.length * STEP_BYTES
  for (const [i, { kind, column, size = 0, units = 1n, symbols: own }] of steps.entries()) {
    const head = i * STEP_BYTES
    table.writeInt32LE(KINDS.indexOf(kind), head)
    table.writeInt32LE(size, head + 4)
    table.writeInt32LE(column < 0 ? 0 : widthOf(types[column] as DataType), head + 24)
    const at = own === undefined ? units : BigInt(WasmModule.FREE_FROM + end)
    table.writeBigUInt64LE(at, head + 32)
    for (const [start, length] of own ?? []) {
      table.writeInt32LE(start, end)
      table.writeInt32LE(length, end + 4)
      end += SYMBOL_BYTES
    }
  }
  return table
}

/** Bytes of a cell; 0 = a bit. */
function widthOf({ kind }: DataType): number {
  if (kind === 'boolean') return 0
  return kind === 'string' || kind === 'bytes' || kind === 'int32' ? 4 : 8
}
