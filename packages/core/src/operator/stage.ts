/**
 * Filters and projections of one stage, run one after the other on a batch.
 *
 * A filter makes a new selection, a projection new columns of the same physical length; what is not
 * selected is not evaluated. Columns passed on are passed by reference.
 *
 * `filtered` and `projected` are the clear version. Kernels do the same in generated loops: of
 * several steps together as long as no record faults, else of one step, which asks the clear
 * version for the records that may fault. What they cannot do is done here.
 */
import type { Batch } from '../batch/batch.ts'
import type { BatchKernel, SlowRecord } from '../batch/batch-kernel.ts'
import type { CellValue, Column } from '../batch/column.ts'
import { columnBuilder } from '../batch/column-builder.ts'
import { restWithout } from '../batch/rest-without.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Schema } from '../schema/schema.ts'
import { type CellReader, cellReaderOf } from './cell-reader.ts'
import { eachRecord, type RecordGuard, refusePromise, visited } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

interface GeneratedStep {
  /** Its generated loop; none = the clear version does it. */
  readonly kernel?: BatchKernel | null
}

/** Neighbouring steps as one loop. */
export interface FusedSteps {
  readonly from: number
  readonly until: number
  readonly kernel: BatchKernel
}

export interface FilterStep extends GeneratedStep {
  readonly kind: 'filter'
  readonly name: string
  readonly predicate: CellReader
  readonly onError: ErrorPolicy
}

export interface ProjectStep extends GeneratedStep {
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
  readonly #fused: readonly FusedSteps[]
  #context!: OperatorContext

  constructor(steps: readonly (FilterStep | ProjectStep)[], fused: readonly FusedSteps[] = []) {
    this.name = steps.map(step => step.name).join(' ')
    this.#steps = steps
    this.#fused = fused
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    let current = batch
    for (let at = 0; at < this.#steps.length; ) {
      const run = this.#fused.find(({ from }) => from === at)
      const fused = run?.kernel.run(current, null) ?? null
      current = fused ?? this.#step(current, this.#steps[at] as FilterStep | ProjectStep)
      at = fused === null ? at + 1 : (run as FusedSteps).until
      if (current.count === 0) return
    }
    output.emit(current)
  }

  #step(batch: Batch, step: FilterStep | ProjectStep): Batch {
    const guard = { step: step.name, policy: step.onError, context: this.#context }
    const isFilter = step.kind === 'filter'
    const done = step.kernel?.run(
      batch,
      (isFilter ? slowFilter : slowProject)(batch, step as never, guard),
    )
    return done ?? (isFilter ? filtered(batch, step, guard) : projected(batch, step, guard))
  }
}

const NO_CELLS: readonly CellValue[] = []

/** What the clear version makes of one record; bound to the batch when the first record asks. */
function slowFilter(batch: Batch, step: FilterStep, guard: RecordGuard): SlowRecord {
  let holds: ((index: number) => CellValue) | null = null
  return index => {
    holds ??= step.predicate(batch)
    const read = holds
    return visited(batch, guard, at => read(at) === true, index) ? NO_CELLS : null
  }
}

function slowProject(batch: Batch, step: ProjectStep, guard: RecordGuard): SlowRecord {
  let computed: readonly ((index: number) => CellValue)[] | null = null
  return index => {
    computed ??= step.columns.flatMap(column => (typeof column === 'string' ? [] : [column(batch)]))
    const readers = computed
    let cells: readonly CellValue[] = NO_CELLS
    const isKept = visited(
      batch,
      guard,
      at => {
        cells = readers.map(read => read(at) ?? null)
        return true
      },
      index,
    )
    return isKept ? cells : null
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
  return batch.with({
    schema: step.schema,
    columns,
    rest: restWithout(batch.rest, step.omit),
    selection,
  })
}
