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
 * @property {readonly RunnerFile[]} testResults
 *
 * @typedef {object} RunnerFile
 * @property {string} status
 * @property {readonly { status: string }[]} assertionResults
 */

/**
 * A file that failed outside its tests (it could not be loaded, or its set-up failed) counts as one
 * failure, and so does a run that failed without any such, left no report, or had no test in it.
 *
 * @param {RunnerReport | undefined} report
 * @param {number} exitCode
 * @returns {Tally}
 */
export function tallyOf(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const outsideTests = report.testResults.filter(failedOutsideTests).length
  const passed = report.numPassedTests
  const failed = report.numFailedTests + outsideTests
  const skipped = report.numPendingTests + report.numTodoTests
  const isSuspect = exitCode !== 0 || passed + skipped === 0
  return { passed, failed: failed === 0 && isSuspect ? 1 : failed, skipped }
}

/** @param {RunnerFile} file */
function failedOutsideTests({ status, assertionResults }) {
  return status === 'failed' && assertionResults.every(test => test.status !== 'failed')
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
