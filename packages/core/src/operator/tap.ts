import type { Batch } from '../batch/batch.ts'
import type { Row } from '../batch/row.ts'
import { type RowReader, rowReader } from '../batch/row-view.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { eachRecord, refusePromise } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

/** Shows each row to a function; a record whose function throws goes to the policy. */
export class TapOperator implements Operator {
  readonly name: string
  readonly #apply: (row: Row) => void
  readonly #onError: ErrorPolicy
  readonly #rows: RowReader
  #context!: OperatorContext

  /** @param reads the only names that the function reads; null = it gets a row of its own. */
  constructor(
    name: string,
    apply: (row: Row) => void,
    onError: ErrorPolicy,
    reads: readonly string[] | null = null,
  ) {
    this.name = name
    this.#apply = apply
    this.#onError = onError
    this.#rows = rowReader(reads)
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const rowAt = this.#rows(batch)
    const guard = { step: this.name, policy: this.#onError, context: this.#context }
    const selection = eachRecord(batch, guard, index => {
      refusePromise(this.#apply(rowAt(index)))
      return true
    })
    output.emit(selection === batch.selection ? batch : batch.with({ selection }))
  }
}
