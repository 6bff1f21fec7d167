/**
 * The pages of ranges of tokens, in the order of the tokens, with questions ahead: the first page
 * of the ranges that follow, and of the range that is read the page that follows.
 *
 *   ranges   │ read │ asked │ asked │ asked │ not asked yet …
 *
 * So at most `concurrency` pages are in memory beside the one that is read.
 */
import type { TokenRange } from './token-range.ts'

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page of the range begins; null = it was the last. */
  readonly more: string | null
}

export interface RangePage<Row> extends Page<Row> {
  readonly range: TokenRange
}

export type AskPage<Row> = (range: TokenRange, pageState: string | null) => Promise<Page<Row>>

export class RangePages<Row> {
  readonly #ask: AskPage<Row>
  readonly #concurrency: number
  readonly #waiting: TokenRange[]
  /** In the order of the tokens. */
  #asked: readonly Promise<RangePage<Row>>[] = []

  constructor(ranges: readonly TokenRange[], ask: AskPage<Row>, concurrency: number) {
    this.#ask = ask
    this.#concurrency = concurrency
    this.#waiting = [...ranges].reverse()
  }

  /** Null: there are no more. @throws what the question for it has thrown */
  async next(): Promise<RangePage<Row> | null> {
    this.#askAhead()
    const page = await this.#asked[0]
    if (page === undefined) return null
    const following = page.more === null ? [] : [this.#page(page.range, page.more)]
    this.#asked = [...following, ...this.#asked.slice(1)]
    this.#askAhead()
    return page
  }

  #askAhead(): void {
    while (this.#asked.length < this.#concurrency) {
      const range = this.#waiting.pop()
      if (range === undefined) return
      this.#asked = [...this.#asked, this.#page(range, null)]
    }
  }

  #page(range: TokenRange, pageState: string | null): Promise<RangePage<Row>> {
    const asked = this.#ask(range, pageState).then(page => ({ ...page, range }))
    // What fails is told when it is its turn.
    asked.catch(() => {})
    return asked
  }
}
