import { BaseSequencer } from 'vitest/node'

/**
 * What takes longest, longest first: begun late, one of these would run alone at the end while the
 * other cores have nothing left to do.
 */
export const LONG = [
  'test/differential/differential.test.ts',
  'test/differential/planted-kernel-bugs.test.ts',
  'test/differential/planted-bugs.test.ts',
  'packages/core/src/testing/simulation/planted/planted-bugs.test.ts',
  'test/integration/verify-crash.test.ts',
  'test/integration/rebalance.test.ts',
  'test/integration/kafka-transport.test.ts',
  'test/integration/kafka-unreachable.test.ts',
]

/** The order of test files: long ones, then project by project, as files of one share processes. */
export class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    const sorted = await super.sort(files)
    return sorted.toSorted(
      (left, right) => rank(left) - rank(right) || nameOf(left).localeCompare(nameOf(right)),
    )
  }
}

/** @param {import('vitest/node').TestSpecification} file */
function rank({ moduleId }) {
  const at = LONG.findIndex(name => moduleId.endsWith(name))
  return at < 0 ? LONG.length : at
}

/** @param {import('vitest/node').TestSpecification} file */
function nameOf({ project }) {
  return project.name
}
