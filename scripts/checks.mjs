import { ROOT, runNode, toolPath } from './command.mjs'

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {() => Promise<number>} run resolves with an exit code
 */

/**
 * What is checked without running a test, in the order of speed. `types` also covers the tests,
 * the type tests, the scripts and the guide's code; `api` what packages offer, against the reports
 * that are kept.
 *
 * @type {readonly Check[]}
 */
export const CHECKS = [
  { name: 'tidy', run: () => runNode(`${ROOT}/scripts/tidy.mjs`) },
  { name: 'biome', run: () => runNode(toolPath('biome'), ['ci', '--error-on-warnings']) },
  { name: 'types', run: checkTypes },
  { name: 'unused', run: () => runNode(toolPath('knip'), ['--no-config-hints']) },
  // Reads the declarations that `types` has made.
  { name: 'api', run: () => runNode(`${ROOT}/scripts/api-reports.mjs`, ['--check']) },
]

async function checkTypes() {
  const extracted = await runNode(`${ROOT}/scripts/doc-tests.mjs`)
  const packages = await runNode(toolPath('tsc'), ['-b'])
  const guide = await runNode(toolPath('tsc'), ['-p', '.generated/doc-tests'])
  return extracted || packages || guide
}

/**
 * Runs every check, also after one has failed.
 *
 * @returns {Promise<{ passed: number, failed: string[] }>}
 */
export async function runChecks() {
  const failed = []
  for (const { name, run } of CHECKS) {
    const ok = (await run()) === 0
    console.log(`${ok ? '✓' : '✗'} ${name}`)
    if (!ok) failed.push(name)
  }
  return { passed: CHECKS.length - failed.length, failed }
}
