/**
 * Filters and projections of one stage, run one after the other on a batch; the clear version of a
 * fused stage.
 *
 * A filter makes a new selection, a projection new columns of the same physical length; what is not
 * selected is not evaluated. Columns passed on are passed by reference.
 */
import type { Batch } from '../batch/batch.ts'
import { type CellValue, type Column, JsonColumn } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { type CellReader, cellReaderOf } from './cell-reader.ts'
import { eachRecord, type RecordGuard, refusePromise } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

export interface FilterStep {
  readonly kind: 'filter'
  readonly name: string
  readonly predicate: CellReader
  readonly onError: ErrorPolicy
}

export interface ProjectStep {
  readonly kind: 'project'
  readonly name: string
  readonly schema: Schema
  /** One per column of the schema; a string passes that column on. */
  readonly columns: readonly (string | CellReader)[]
  /** Undeclared columns that do not pass; null = none passes. */
  readonly omit: readonly string[] | null
  readonly onError: ErrorPolicy
}

export class StageOperator implements Operator {
  readonly name: string
  readonly #steps: readonly (FilterStep | ProjectStep)[]
  #context!: OperatorContext

  constructor(steps: readonly (FilterStep | ProjectStep)[]) {
    this.name = steps.map(step => step.name).join(' ')
    this.#steps = steps
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    let current = batch
    for (const step of this.#steps) {
      const guard = { step: step.name, policy: step.onError, context: this.#context }
      current =
        step.kind === 'filter' ? filtered(current, step, guard) : projected(current, step, guard)
      if (current.count === 0) return
    }
    output.emit(current)
  }
}

function filtered(batch: Batch, step: FilterStep, guard: RecordGuard): Batch {
  const holds = step.predicate(batch)
  const selection = eachRecord(batch, guard, index => {
    const result = holds(index)
    refusePromise(result)
    return result === true
  })
  return selection === batch.selection ? batch : batch.with({ selection })
}

function projected(batch: Batch, step: ProjectStep, guard: RecordGuard): Batch {
  const readers = step.columns.map(column => {
    if (typeof column !== 'string') return column(batch)
    const position = batch.schema.indexOf(column)
    return position < 0 ? cellReaderOf(batch, column) : (batch.columns[position] as Column)
  })
  const computed = readers.filter(reader => typeof reader === 'function')
  const types = step.schema.fields.filter((_, i) => typeof readers[i] === 'function')
  const builders = types.map(field => columnBuilder(field.type))
  const cells: CellValue[] = new Array(computed.length).fill(null)
  const nulls: readonly CellValue[] = new Array(computed.length).fill(null)
  const fill = (from: number, until: number): void => {
    for (let i = from; i < until; i++) appendAll(nulls)
  }
  const appendAll = (values: readonly CellValue[]): void => {
    for (let c = 0; c < builders.length; c++) builders[c]?.append(values[c] as CellValue)
  }
  let done = 0
  const selection = eachRecord(batch, guard, index => {
    for (let c = 0; c < computed.length; c++) {
      cells[c] = (computed[c] as (index: number) => CellValue)(index) ?? null
    }
    fill(done, index)
    appendAll(cells)
    done = index + 1
    return true
  })
  fill(done, batch.length)
  let next = 0
  const columns = readers.map(reader =>
    typeof reader === 'function' ? (builders[next++]?.build() as Column) : reader,
  )
  return batch.with({ schema: step.schema, columns, rest: restOf(batch, step.omit), selection })
}

/** The undeclared part of an open batch, without the columns that were dropped or renamed. */
function restOf(batch: Batch, omit: readonly string[] | null): JsonColumn | null {
  if (omit === null || batch.rest === null) return null
  if (omit.length === 0) return batch.rest
  const left = new Set(omit)
  const values = batch.rest.values.map(value =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name)))
      : value,
  )
  return new JsonColumn(t.json().nullable(), values)
}
