/**
 * Filters and projections as one generated loop over the arrays of a batch.
 *
 * Clear version: `operator/stage.ts` with the interpreter (`evaluate.ts`), which also judges every
 * record that faults here. A kernel of one step hands such a record over and goes on; in one of
 * several steps the order of errors would be another (the interpreter does one step after the
 * other), so it gives up on the batch, before anything has happened, and the steps run one by one.
 *
 * Perf: batches of 1,024 records, against the clear version in one run (Node 20, a busy core): a
 * filter on a number 115 M records/s against 34, on a text 70 against 5, two computed columns
 * 20 against 3.
 */

import type { Batch } from '../../batch/batch.ts'
import type { BatchKernel, SlowRecord } from '../../batch/batch-kernel.ts'
import {
  BooleanColumn,
  type Column,
  Float64Column,
  Int32Column,
  Int64Column,
  StringColumn,
} from '../../batch/column.ts'
import { type OutputColumn, outputColumn } from '../../batch/output-column.ts'
import { restWithout } from '../../batch/rest-without.ts'
import type { DataType, TypeKind } from '../../schema/data-type.ts'
import type { Schema } from '../../schema/schema.ts'
import { bitmapBytes } from '../../util/bitmap.ts'
import { canGenerate, generatedFunction } from '../../util/generated-function.ts'
import type { ColumnExpr, Expr } from '../expr.ts'
import { type Loop, type LoopArguments, stageLoop } from './stage-loop.ts'

export type KernelStep =
  | { readonly kind: 'filter'; readonly predicate: Expr }
  | {
      readonly kind: 'project'
      readonly schema: Schema
      readonly columns: readonly { readonly name: string; readonly expr: Expr }[]
      readonly omit: readonly string[] | null
    }

/** Null where the steps have no generated form, or not together. */
export function stageKernel(steps: readonly KernelStep[]): BatchKernel | null {
  if (!canGenerate()) return null
  const general = stageLoop(steps, { hasNulls: () => true, hasTombstones: true })
  if (general === null || compiled(general) === null) return null
  return new StageKernel(steps, general)
}

type LoopFunction = (of: LoopArguments) => number

interface Variant {
  readonly loop: Loop
  readonly run: LoopFunction
  /** For all batches: has to be given bitmaps that are not there. */
  readonly isGeneral: boolean
}

/** Kinds of batches (which columns have nulls …) that have code of their own; more share one. */
const VARIANTS_MAX = 16

class StageKernel implements BatchKernel {
  readonly #steps: readonly KernelStep[]
  readonly #general: Loop
  readonly #variants = new Map<string, Variant>()

  constructor(steps: readonly KernelStep[], general: Loop) {
    this.#steps = steps
    this.#general = general
  }

  run(batch: Batch, slow: SlowRecord | null): Batch | null {
    for (const column of this.#general.columns) {
      if (inputColumn(batch, column) === null) return null
    }
    for (const name of this.#general.passed) if (!batch.schema.has(name)) return null
    const { loop, run, isGeneral } = this.#variantFor(batch)
    const outputs = loop.outputs.map(({ type, mayBeNull }) =>
      outputColumn(type, batch.length, mayBeNull),
    )
    const bits = isGeneral ? bitmapBytes(batch.length) : 0
    const kept = new Int32Array(batch.count)
    const count = run({
      constants: loop.constants,
      inputs: loop.columns.map(column => inputColumn(batch, column)),
      readers: loop.readers.map(bind => bind(batch)),
      outputs,
      selection: batch.selection,
      count: batch.count,
      tombstones: batch.records.tombstones ?? (isGeneral ? new Uint8Array(bits) : null),
      ones: isGeneral ? new Uint8Array(bits).fill(0xff) : null,
      kept,
      slow: slow === null ? null : index => putSlow(slow(index), outputs, index),
    })
    if (count < 0) return null
    const selection = count === batch.count ? batch.selection : kept.subarray(0, count)
    return this.#behind(batch, selection, outputs)
  }

  /** The batch behind the steps. */
  #behind(batch: Batch, selection: Int32Array | null, outputs: readonly OutputColumn[]): Batch {
    const { layout } = this.#general
    if (layout === null) return selection === batch.selection ? batch : batch.with({ selection })
    const columns = layout.map(place =>
      typeof place === 'string'
        ? (batch.columns[batch.schema.indexOf(place)] as Column)
        : (outputs[place] as OutputColumn).column(),
    )
    let { schema, rest } = batch
    for (const step of this.#steps) {
      if (step.kind !== 'project') continue
      schema = step.schema
      rest = restWithout(rest, step.omit)
    }
    return batch.with({ schema, columns, rest, selection })
  }

  #variantFor(batch: Batch): Variant {
    const hasTombstones = batch.records.tombstones !== null
    const hasNulls = (column: ColumnExpr): boolean => inputColumn(batch, column)?.validity !== null
    const nulls = this.#general.columns.map(column => (hasNulls(column) ? 'n' : ''))
    const key = `${hasTombstones} ${nulls}`
    const known = this.#variants.get(key)
    if (known !== undefined) return known
    const hasRoom = this.#variants.size < VARIANTS_MAX
    const own = hasRoom ? stageLoop(this.#steps, { hasNulls, hasTombstones }) : null
    const run = own === null ? null : compiled(own)
    if (own === null || run === null) {
      const loop = this.#general
      return { loop, run: compiled(loop) as LoopFunction, isGeneral: true }
    }
    const variant = { loop: own, run, isGeneral: false }
    this.#variants.set(key, variant)
    return variant
  }
}

function compiled({ body }: Loop): LoopFunction | null {
  return generatedFunction<LoopFunction>(['of'], body)
}

/** The record as the interpreter judged it. */
function putSlow(
  cells: ReturnType<SlowRecord>,
  outputs: readonly OutputColumn[],
  index: number,
): boolean {
  if (cells === null) return false
  for (const [i, output] of outputs.entries()) output.put(index, cells[i] ?? null)
  return true
}

const CLASSES: { readonly [K in TypeKind]?: new (...args: never[]) => Column } = {
  string: StringColumn,
  boolean: BooleanColumn,
  int32: Int32Column,
  int64: Int64Column,
  timestamp: Int64Column,
  float64: Float64Column,
}

/** The column as code expects it; null when the batch has another one, or none. */
function inputColumn(batch: Batch, { name, type }: ColumnExpr): Column | null {
  const column = batch.columns[batch.schema.indexOf(name)]
  if (column === undefined || !isOf(column, type)) return null
  return column
}

function isOf(column: Column, type: DataType): boolean {
  const Class = CLASSES[type.kind]
  return Class !== undefined && column instanceof Class && column.type.sameKind(type)
}
