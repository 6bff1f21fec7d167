/**
 * Counts what a test run did, from the runner's JSON report.
 *
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 *
 * @typedef {object} RunnerReport the part of vitest's JSON report that is read here
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly unknown[] }[]} testResults
 */

/**
 * A file that could not even be loaded counts as one failure, and so does a run that failed without
 * a failing test (an error outside a test), that left no report, or in which there was no test.
 *
 * @param {RunnerReport | undefined} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyOf(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const unloadable = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const passed = report.numPassedTests
  const failed = report.numFailedTests + unloadable
  const skipped = report.numPendingTests + report.numTodoTests
  const isSuspect = exitCode !== 0 || passed + skipped === 0
  return { passed, failed: failed === 0 && isSuspect ? 1 : failed, skipped }
}

/** @param {Tally} tally */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * @param {Tally} tally
 * @param {{ strict: boolean }} options strict: nothing may be skipped
 */
export function succeeded({ passed, failed, skipped }, { strict }) {
  return failed === 0 && passed > 0 && !(strict && skipped > 0)
}
