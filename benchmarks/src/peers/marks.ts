/**
 * What a program under measure tells on standard output: when the warm-up and when all records are
 * processed, then what that took.
 */
interface Mark {
  readonly records: number
  readonly atMs: number
  readonly cpuUs: number
}

export class Marks {
  readonly #warmup: number
  readonly #records: number
  #warm: Mark | undefined
  #done: Mark | undefined

  constructor({ warmup, records }: { readonly warmup: number; readonly records: number }) {
    this.#warmup = warmup
    this.#records = records
  }

  /** So many have been processed; true when that is all of them, once. */
  passed(records: number): boolean {
    if (this.#warm === undefined && records >= this.#warmup) {
      this.#warm = markOf(records)
      say({ mark: 'warm' })
    }
    if (this.#done !== undefined || records < this.#records) return false
    this.#done = markOf(records)
    say({ mark: 'done' })
    return true
  }

  report(): void {
    const [warm, done] = [this.#warm, this.#done]
    if (warm === undefined || done === undefined) return
    say({
      records: done.records - warm.records,
      seconds: (done.atMs - warm.atMs) / 1e3,
      cpuSeconds: (done.cpuUs - warm.cpuUs) / 1e6,
    })
  }
}

function markOf(records: number): Mark {
  const { user, system } = process.cpuUsage()
  return { records, atMs: performance.now(), cpuUs: user + system }
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
