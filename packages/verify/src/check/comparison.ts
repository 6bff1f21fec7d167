/**
 * Compares what came out with what must come out, record by record, and names what differs.
 *
 *   lost        expected, and never seen
 *   wrong       seen with other content, or not expected at all
 *   duplicated  seen again, where each may be seen once
 *   reordered   first seen behind a later one of its key, or in another partition than those
 */

import type { Observed } from './observed.ts'
import type { Result } from './result.ts'

export type AnomalyKind = 'lost' | 'wrong' | 'duplicated' | 'reordered'

export interface Anomaly {
  readonly kind: AnomalyKind
  readonly output: string
  readonly id: string
  readonly text: string
}

export interface Tally {
  readonly output: string
  readonly expected: number
  readonly seen: number
  /** Seen again with equal content, where that is allowed. */
  readonly repeated: number
}

/** What is done with the results of one output. */
export interface AnyComparison {
  /** How many of the expected results have not been seen yet. */
  readonly missing: number
  /** In the order of offsets within each partition. */
  observe(observed: Observed): void
  /** All that differs, when everything was read. */
  anomalies(): readonly Anomaly[]
  tally(): Tally
}

interface Line {
  readonly rank: number
  readonly partition: number
  readonly id: string
}

export class Comparison implements AnyComparison {
  readonly #output: string
  readonly #mayRepeat: boolean
  readonly #expected: ReadonlyMap<string, Result>
  readonly #seen = new Set<string>()
  readonly #last = new Map<string, Line>()
  readonly #anomalies: Anomaly[] = []
  #count = 0
  #repeated = 0

  constructor(output: string, expected: readonly Result[], mayRepeat: boolean) {
    this.#output = output
    this.#mayRepeat = mayRepeat
    this.#expected = new Map(expected.map(result => [result.id, result]))
  }

  get missing(): number {
    return this.#expected.size - this.#seen.size
  }

  observe(observed: Observed): void {
    const { id, content } = observed
    this.#count++
    const expected = this.#expected.get(id)
    if (expected === undefined) this.#name('wrong', observed, `not expected: ${content}`)
    else this.#compare(observed, expected)
  }

  anomalies(): readonly Anomaly[] {
    const lost = [...this.#expected.values()].filter(({ id }) => !this.#seen.has(id))
    const output = this.#output
    return [
      ...this.#anomalies,
      ...lost.map(({ id, content }) => {
        return { kind: 'lost', output, id, text: `never seen: ${content}` } as const
      }),
    ]
  }

  tally(): Tally {
    const expected = this.#expected.size
    return { output: this.#output, expected, seen: this.#count, repeated: this.#repeated }
  }

  #compare(observed: Observed, expected: Result): void {
    const { id, key, content } = observed
    if (content !== expected.content) {
      this.#name('wrong', observed, `expected ${expected.content}, got ${content}`)
    }
    if (key !== expected.key) {
      this.#name('wrong', observed, `expected the key ${expected.key}, got ${key}`)
    }
    if (!this.#seen.has(id)) {
      this.#seen.add(id)
      this.#inOrder(observed, expected)
    } else if (this.#mayRepeat) this.#repeated++
    else this.#name('duplicated', observed, `seen again: ${content}`)
  }

  #inOrder(observed: Observed, { key, rank, id }: Result): void {
    const { partition } = observed
    const last = this.#last.get(key)
    if (last !== undefined && last.partition !== partition) {
      this.#name('reordered', observed, `others of its key are in partition ${last.partition}`)
    } else if (last !== undefined && last.rank > rank) {
      this.#name('reordered', observed, `first seen behind ${last.id}`)
    }
    if (last === undefined || rank > last.rank) this.#last.set(key, { rank, partition, id })
  }

  #name(kind: AnomalyKind, { id, partition, offset }: Observed, text: string): void {
    const place = `${this.#output}/${partition} at ${offset}`
    this.#anomalies.push({ kind, output: this.#output, id, text: `${text} (${place})` })
  }
}
