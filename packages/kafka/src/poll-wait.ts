/** The waits of polls: each ends by time, or when something has come. */
export class PollWait {
  readonly #waiting = new Set<() => void>()

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
