/** Something that must happen did not, in the time it may take. */
export class StuckError extends Error {}

export interface UntilOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** What it was, for the error. */
  readonly what: () => string
}

const LOOK_EVERY_MS = 20

/** Resolves when the condition holds. @throws StuckError; the reason of the signal */
export async function until(condition: () => boolean, options: UntilOptions): Promise<void> {
  const { timeoutMs, signal, what } = options
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    signal.throwIfAborted()
    if (performance.now() > deadline) {
      throw new StuckError(`waited ${Math.round(timeoutMs / 1000)} s in vain until ${what()}`)
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
