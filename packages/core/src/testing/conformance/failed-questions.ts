import type { TestHooks } from './test-hooks.ts'

/**
 * Sits an exam without a test runner: the names of the questions that failed. For the tests of the
 * exams themselves, which must find planted faults.
 */
export async function failedQuestions(
  expect: TestHooks['expect'],
  exam: (hooks: TestHooks) => void,
): Promise<string[]> {
  const questions: { readonly name: string; readonly body: () => Promise<void> | void }[] = []
  exam({
    describe: (_, body) => body(),
    test: (name, body) => questions.push({ name, body }),
    expect,
  })
  const failed: string[] = []
  for (const { name, body } of questions) {
    try {
      await body()
    } catch {
      failed.push(name)
    }
  }
  return failed
}
