/**
 * Rows from rows by a user's function. `map` gives one row for each, `flatMap` any number; keys,
 * timestamps and headers of the input record go on to every row. Tombstones pass.
 *
 * With a schema the rows are checked against it; without one the frame behind is open.
 */
import { type Batch, gatherRecords } from '../batch/batch.ts'
import { type CellValue, JsonColumn } from '../batch/column.ts'
import { type ColumnBuilder, columnBuilder } from '../batch/column-builder.ts'
import { outputColumn } from '../batch/output-column.ts'
import type { Row } from '../batch/row.ts'
import { readCells } from '../batch/row-cells.ts'
import { type RowReader, rowReader } from '../batch/row-view.ts'
import { type RowWriter, rowWriter } from '../batch/row-writer.ts'
import { MillraceError } from '../errors.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { t } from '../schema/data-type.ts'
import type { Schema } from '../schema/schema.ts'
import { eachRecord, type RecordGuard, refusePromise } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

export interface MapOptions {
  readonly name: string
  readonly schema: Schema
  readonly expands: boolean
  readonly apply: (row: Row) => unknown
  /** The only names that the function reads of its row; missing = it gets a row of its own. */
  readonly reads?: readonly string[] | null
  /** The rows that it gives are object literals, which nobody else holds. */
  readonly givesNewObject?: boolean
  readonly onError: ErrorPolicy
}

export class MapOperator implements Operator {
  readonly name: string
  readonly #options: MapOptions
  readonly #rows: RowReader
  readonly #write: RowWriter
  #context!: OperatorContext

  constructor(options: MapOptions) {
    this.name = options.name
    this.#options = options
    this.#rows = rowReader(options.reads ?? null)
    this.#write = rowWriter(options.schema)
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const { name, expands, onError } = this.#options
    const guard = { step: name, policy: onError, context: this.#context }
    const made = expands ? this.#several(batch, guard) : this.#oneEach(batch, guard)
    if (made.count > 0) output.emit(made)
  }

  /** A row for each record, in its place: nothing else of the record moves. */
  #oneEach(batch: Batch, guard: RecordGuard): Batch {
    const { schema, apply, givesNewObject = false } = this.#options
    const rowAt = this.#rows(batch)
    const rest: (Row | null)[] | null = schema.isOpen ? new Array(batch.length).fill(null) : null
    const outputs = schema.fields.map(({ type }) =>
      outputColumn(type, batch.length, type.isNullable || batch.records.tombstones !== null),
    )
    const write = this.#write
    const selection = eachRecord(batch, guard, index => {
      const made = apply(rowAt(index))
      refusePromise(made)
      const row = asRow(made, 'map', 'To leave records out use filter or flatMap.')
      if (rest === null) write(row, index, outputs)
      else rest[index] = givesNewObject ? row : { ...row }
      return true
    })
    return batch.with({
      schema,
      columns: outputs.map(output => output.column()),
      rest: rest === null ? null : new JsonColumn(t.json().nullable(), rest),
      selection,
    })
  }

  #several(batch: Batch, guard: RecordGuard): Batch {
    const { schema, apply } = this.#options
    const rowAt = this.#rows(batch)
    const made = schema.isOpen ? new OpenRows() : new CheckedRows(schema)
    const visit = (index: number): boolean => {
      const rows = rowsFrom(apply(rowAt(index)))
      for (const row of rows) made.check(row)
      for (const row of rows) made.add(index, row)
      return true
    }
    eachRecord(batch, guard, visit, index => made.addTombstone(index))
    return made.batch(batch, schema)
  }
}

/** What `flatMap` was given, all of it before any of it is taken. */
function rowsFrom(result: unknown): Row[] {
  refusePromise(result)
  if (typeof result !== 'object' || result === null || !(Symbol.iterator in result)) {
    throw new MillraceError(
      'FUNCTION_FAILED',
      'flatMap needs an array of rows (or another iterable); the function gave ' +
        `${kindOf(result)}.`,
    )
  }
  return [...(result as Iterable<unknown>)].map(each => {
    refusePromise(each)
    // A copy: of what is checked first, so that it is what is taken.
    return { ...asRow(each, 'flatMap', '') }
  })
}

/** Rows of an open frame, as they are. */
class OpenRows {
  readonly indices: number[] = []
  readonly #rows: (Row | null)[] = []

  check(_: Row): void {}

  add(index: number, row: Row): void {
    this.#rows.push(row)
    this.indices.push(index)
  }

  addTombstone(index: number): void {
    this.#rows.push(null)
    this.indices.push(index)
  }

  batch(input: Batch, schema: Schema): Batch {
    const rest = new JsonColumn(t.json().nullable(), this.#rows)
    const records = gatherRecords(input.records, Int32Array.from(this.indices))
    return input.with({ schema, columns: [], rest, records, selection: null })
  }
}

/** Rows that are checked against a schema, as columns. */
class CheckedRows {
  readonly indices: number[] = []
  readonly #schema: Schema
  readonly #builders: readonly ColumnBuilder[]
  readonly #cells: CellValue[]

  constructor(schema: Schema) {
    this.#schema = schema
    this.#builders = schema.fields.map(field => columnBuilder(field.type))
    this.#cells = new Array(schema.fields.length).fill(null)
  }

  check(row: Row): void {
    readCells(this.#schema, row, this.#cells)
  }

  add(index: number, row: Row): void {
    const cells = this.#cells
    readCells(this.#schema, row, cells)
    for (let c = 0; c < cells.length; c++) {
      ;(this.#builders[c] as ColumnBuilder).append(cells[c] as CellValue)
    }
    this.indices.push(index)
  }

  addTombstone(index: number): void {
    for (const builder of this.#builders) builder.append(null)
    this.indices.push(index)
  }

  batch(input: Batch, schema: Schema): Batch {
    const columns = this.#builders.map(builder => builder.build())
    const records = gatherRecords(input.records, Int32Array.from(this.indices))
    return input.with({ schema, columns, rest: null, records, selection: null })
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
