import { MillraceError } from '@millrace/core'
import { failureText } from './failure-kind.ts'
import type { OutRow, RowOwner } from './out-row.ts'

/** A row that was not written, and why. */
export interface Failed {
  readonly row: OutRow
  readonly error: MillraceError
}

/** The rows of a task that are on their way to one target, and what became of them. */
export class TaskRows implements RowOwner {
  readonly #keepsNotApplied: boolean
  isOpen = true
  pending = 0
  #refused: Failed[] = []
  #notApplied: Failed[] = []
  #notApplies = 0

  constructor(keepsNotApplied: boolean) {
    this.#keepsNotApplied = keepsNotApplied
  }

  acknowledged(): void {
    this.pending--
  }

  refused(row: OutRow, error: unknown): void {
    this.pending--
    const text = `Cassandra refuses the row: ${failureText(error)}.`
    this.#refused.push({ row, error: new MillraceError('SINK_FAILED', text, { cause: error }) })
  }

  notApplied(row: OutRow): void {
    this.pending--
    this.#notApplies++
    if (!this.#keepsNotApplied) return
    const text = 'the condition kept the row out: it is there already, or is not there.'
    this.#notApplied.push({ row, error: new MillraceError('SINK_FAILED', text) })
  }

  takeRefused(): readonly Failed[] {
    const refused = this.#refused
    this.#refused = []
    return refused
  }

  takeNotApplied(): { readonly rows: readonly Failed[]; readonly count: number } {
    const taken = { rows: this.#notApplied, count: this.#notApplies }
    this.#notApplied = []
    this.#notApplies = 0
    return taken
  }
}

/** In the order of the log. */
export function inOrder(failed: readonly Failed[]): readonly Failed[] {
  return [...failed].sort((a, b) => offsetOf(a.row) - offsetOf(b.row))
}

function offsetOf({ origin, index }: OutRow): number {
  return origin.batch.records.offsets[index] as number
}
