/** The checker as who started it sees it. */
import type { ChildProcess } from 'node:child_process'
import type { Children } from '../children.ts'
import { until } from '../waiting.ts'
import type { CheckOrders, FromChecker, ToChecker, Verdict } from './messages.ts'

export class CheckerProcess {
  /** Null: it still reads. */
  isComplete: boolean | null = null
  missing: number | null = null
  #verdict: Verdict | null = null
  #failure: string | null = null
  readonly #child: ChildProcess

  constructor(children: Children, orders: CheckOrders) {
    const child = children.start('./check/checker.js')
    this.#child = child
    child.on('message', (message: FromChecker) => {
      if (message.kind === 'ready') this.#send({ kind: 'check', orders })
      else if (message.kind === 'missing') this.missing = message.count
      else if (message.kind === 'read') this.isComplete = message.isComplete
      else if (message.kind === 'verdict') this.#verdict = message
      else this.#failure = message.text
    })
    child.on('exit', () => {
      this.#failure ??= 'it ended too soon'
    })
    child.on('error', () => {})
  }

  /** Resolves when everything has been seen, or nothing comes any more. */
  async read(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    await this.#until(() => this.isComplete !== null, timeoutMs, signal)
    return this.isComplete === true
  }

  async verdict(timeoutMs: number, signal: AbortSignal): Promise<Verdict> {
    this.#send({ kind: 'finish' })
    await this.#until(() => this.#verdict !== null, timeoutMs, signal)
    return this.#verdict as Verdict
  }

  async #until(condition: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const what = (): string => `the checker has read (${this.missing ?? '?'} results are missing)`
    await until(() => condition() || this.#failure !== null, { timeoutMs, signal, what })
    if (!condition()) throw new Error(`the checker failed: ${this.#failure}`)
  }

  #send(message: ToChecker): void {
    this.#child.send(message, () => {})
  }
}
