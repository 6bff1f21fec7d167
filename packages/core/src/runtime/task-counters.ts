/**
 * Counters of one task by name; names are the metrics of docs/operations (`records_in`,
 * `records_late`, …).
 */
export class TaskCounters {
  readonly #values = new Map<string, number>()

  add(name: string, amount: number): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + amount)
  }

  /** A copy, names in alphabetical order. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
