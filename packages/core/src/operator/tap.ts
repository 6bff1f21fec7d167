import type { Batch } from '../batch/batch.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import { eachRecord, refusePromise } from './each-record.ts'
import type { Operator, OperatorContext, Output } from './operator.ts'

/** Shows each row to a function; a record whose function throws goes to the policy. */
export class TapOperator implements Operator {
  readonly name: string
  readonly #apply: (row: Row) => void
  readonly #onError: ErrorPolicy
  #context!: OperatorContext

  constructor(name: string, apply: (row: Row) => void, onError: ErrorPolicy) {
    this.name = name
    this.#apply = apply
    this.#onError = onError
  }

  open(context: OperatorContext): void {
    this.#context = context
  }

  process(batch: Batch, output: Output): void {
    const rowAt = rowsOf(batch)
    const guard = { step: this.name, policy: this.#onError, context: this.#context }
    const selection = eachRecord(batch, guard, index => {
      refusePromise(this.#apply(rowAt(index)))
      return true
    })
    output.emit(selection === batch.selection ? batch : batch.with({ selection }))
  }
}
