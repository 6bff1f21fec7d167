/**
 * Rows from rows by a user's function. `map` gives one row for each, `flatMap` any number; keys,
 * timestamps and headers of the input record go on to every row. Tombstones pass.
 *
 * With a schema the rows are checked against it; without one the frame behind is open.
 */
import { type Batch, gatherRecords } from '../batch/batch.ts'
import { type CellValue, JsonColumn } from '../batch/column.ts'
import { type ColumnBuilder, columnBuilder } from '../batch/column-builder.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { rowCells } from '../batch/row-cells.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { eachRecord, refusePromise } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

export interface MapOptions {
  readonly name: string
  readonly schema: Schema
  readonly expands: boolean
  readonly apply: (row: Row) => unknown
  readonly onError: ErrorPolicy
}

export class MapOperator implements Operator {
  readonly name: string
  readonly #options: MapOptions
  #context!: OperatorContext

  constructor(options: MapOptions) {
    this.name = options.name
    this.#options = options
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const { name, schema, onError } = this.#options
    const rowAt = rowsOf(batch)
    const made = new RowsMade(schema)
    const guard = { step: name, policy: onError, context: this.#context }
    const visit = (index: number): boolean => {
      const rows = this.#rowsFrom(rowAt(index)).map(row => made.check(row))
      for (const cells of rows) made.add(index, cells)
      return true
    }
    eachRecord(batch, guard, visit, index => made.add(index, null))
    if (made.indices.length > 0) output.emit(made.batch(batch))
  }

  #rowsFrom(row: Row): Row[] {
    const { expands, apply } = this.#options
    const result = apply(row)
    refusePromise(result)
    if (!expands) return [asRow(result, 'map', 'To leave records out use filter or flatMap.')]
    if (typeof result !== 'object' || result === null || !(Symbol.iterator in result)) {
      throw new MillraceError(
        'FUNCTION_FAILED',
        'flatMap needs an array of rows (or another iterable); the function gave ' +
          `${kindOf(result)}.`,
      )
    }
    return [...(result as Iterable<unknown>)].map(each => {
      refusePromise(each)
      return asRow(each, 'flatMap', '')
    })
  }
}

/** Collects rows with the index of the record each came from. */
class RowsMade {
  readonly indices: number[] = []
  readonly #schema: Schema
  readonly #builders: readonly ColumnBuilder[]
  readonly #rest: (Row | null)[] = []

  constructor(schema: Schema) {
    this.#schema = schema
    this.#builders = schema.fields.map(field => columnBuilder(field.type))
  }

  /** The row as cells; for an open schema the row itself. */
  check(row: Row): Row | CellValue[] {
    if (this.#schema.isOpen) return { ...row }
    return rowCells(this.#schema, row)
  }

  add(index: number, cells: Row | readonly CellValue[] | null): void {
    this.indices.push(index)
    if (this.#schema.isOpen) this.#rest.push(cells as Row | null)
    else
      for (const [i, builder] of this.#builders.entries())
        builder.append((cells as CellValue[])?.[i] ?? null)
  }

  batch(input: Batch): Batch {
    const indices = Int32Array.from(this.indices)
    return input.with({
      schema: this.#schema,
      columns: this.#builders.map(builder => builder.build()),
      rest: this.#schema.isOpen ? new JsonColumn(t.json().nullable(), this.#rest) : null,
      records: gatherRecords(input.records, indices),
      selection: null,
    })
  }
}

function asRow(value: unknown, step: string, advice: string): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new MillraceError(
    'FUNCTION_FAILED',
    `the function of ${step} must give a row (an object with columns); ` +
      `it gave ${kindOf(value)}. ${advice}`.trimEnd(),
  )
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}
