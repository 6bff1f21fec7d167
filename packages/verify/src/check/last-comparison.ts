/**
 * Compares results that come again and again as they change: the last of each must be what is
 * expected. What was seen before must have been on the way there: it never goes back, nor comes
 * twice, where nothing may repeat.
 */
import type { Anomaly, AnomalyKind, AnyComparison, Tally } from './comparison.ts'
import type { Observed } from './observed.ts'
import type { Result } from './result.ts'

export class LastComparison implements AnyComparison {
  readonly #output: string
  readonly #mayRepeat: boolean
  readonly #expected: ReadonlyMap<string, Result>
  readonly #last = new Map<string, Observed>()
  readonly #anomalies: Anomaly[] = []
  #count = 0
  #repeated = 0

  constructor(output: string, expected: readonly Result[], mayRepeat: boolean) {
    this.#output = output
    this.#mayRepeat = mayRepeat
    this.#expected = new Map(expected.map(result => [result.id, result]))
  }

  get missing(): number {
    return [...this.#expected.values()].filter(result => !this.#isReached(result)).length
  }

  observe(observed: Observed): void {
    this.#count++
    const { id, key, content } = observed
    const expected = this.#expected.get(id)
    if (expected === undefined) this.#name('wrong', observed, `not expected: ${content}`)
    else if (key !== expected.key) {
      this.#name('wrong', observed, `expected the key ${expected.key}, got ${key}`)
    }
    const before = this.#last.get(id)
    this.#last.set(id, observed)
    if (before === undefined) return
    const step = countOf(content) - countOf(before.content)
    if (step > 0) return
    if (this.#mayRepeat) this.#repeated++
    else if (step === 0) this.#name('duplicated', observed, `seen again: ${content}`)
    else this.#name('reordered', observed, `${content} behind ${before.content}`)
  }

  anomalies(): readonly Anomaly[] {
    const found = [...this.#anomalies]
    for (const expected of this.#expected.values()) {
      if (this.#isReached(expected)) continue
      const { id, content } = expected
      const last = this.#last.get(id)
      const kind = last === undefined ? 'lost' : 'wrong'
      const seen = last === undefined ? 'never seen' : `the last one is ${last.content}`
      found.push({ kind, output: this.#output, id, text: `expected ${content}; ${seen}` })
    }
    return found
  }

  tally(): Tally {
    const expected = this.#expected.size
    const [seen, repeated] = [this.#count, this.#repeated]
    return { output: this.#output, expected, seen, repeated }
  }

  #isReached({ id, content }: Result): boolean {
    return this.#last.get(id)?.content === content
  }

  #name(kind: AnomalyKind, { id, partition, offset }: Observed, text: string): void {
    const place = `${this.#output}/${partition} at ${offset}`
    this.#anomalies.push({ kind, output: this.#output, id, text: `${text} (${place})` })
  }
}

/** How many records a window had; it grows with each update. */
function countOf(content: string): number {
  return Number(/"n":(\d+)/.exec(content)?.[1])
}
