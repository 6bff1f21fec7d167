/** The parts of a test runner that an exam uses; those of vitest, jest and the like fit. */
export interface TestHooks {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void> | void, timeoutMs?: number): void
  expect(actual: unknown): Expectation
}

export interface Expectation {
  /** Same value, by `Object.is`. */
  toBe(expected: unknown): void
  /** Same contents. */
  toEqual(expected: unknown): void
}
