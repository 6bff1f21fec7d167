import { expect, test } from 'vitest'
import { firstDifference } from './kernel-comparison.ts'

/** MILLRACE_KERNEL_RUNS=20000 tries more. */
const RUNS = Number(process.env['MILLRACE_KERNEL_RUNS'] ?? 1_000)

test('generated loops give what the interpreter gives', () => {
  const found = firstDifference(RUNS, true)
  if (found !== null) expect.fail(found)
}, 3_600_000)
