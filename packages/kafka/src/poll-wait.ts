import type { MillraceError, RawBatch } from '@millrace/core'

/** The polls of a fetcher: each waits until something has come, or its time is over. */
export class PollWait {
  /** Of everything that is read; polls throw it when there is no batch. */
  failure: MillraceError | null = null
  #isClosed = false
  readonly #waiting = new Set<() => void>()

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Polls give null from here on. */
  close(): void {
    this.#isClosed = true
    this.notify()
  }

  /** @param next gives the batch whose turn it is; null = none is there. */
  async poll(timeoutMs: number, next: () => RawBatch | null): Promise<RawBatch | null> {
    const deadline = performance.now() + timeoutMs
    // What the caller does right after calling, a pause for example, still counts.
    await Promise.resolve()
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      const batch = next()
      if (batch !== null) return batch
      if (this.failure !== null) throw this.failure
      const leftMs = deadline - performance.now()
      if (leftMs <= 0 && !isFirst) return null
      await this.wait(leftMs)
    }
    return null
  }

  /** Ends every wait. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Even who may not wait gives others one turn. */
  wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#waiting.delete(done)
        clearTimeout(timer)
        clearImmediate(turn)
        resolve()
      }
      const turn = ms <= 0 ? setImmediate(() => done()) : undefined
      const timer = ms <= 0 ? undefined : setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }
}
