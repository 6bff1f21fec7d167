/**
 * The comparison with the interpreter finds what it is there to find: bugs planted into the code
 * that is generated, one at a time, by changing its text.
 */
import { expect, test } from 'vitest'
import { KERNEL_BUGS, plantKernelBug } from '../../packages/verify/src/engine/kernel-bugs.ts'
import { firstDifference } from './kernel-comparison.ts'

test('without a planted bug there is no difference', () => {
  expect(firstDifference(150, false)).toBe(null)
}, 60_000)

test.each(Object.entries(KERNEL_BUGS))(
  '%s',
  (_, change) => {
    const planted = plantKernelBug(change)
    try {
      const found = firstDifference(9_000, false)
      expect(planted.hits).toBeGreaterThan(0)
      expect(found).not.toBe(null)
      // Text that is no code would be found by anything.
      expect(found).not.toContain('SyntaxError')
    } finally {
      planted.remove()
    }
  },
  120_000,
)
