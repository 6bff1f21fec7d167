/**
 * Makes a checkout ready to run, in three steps that do nothing where nothing has changed:
 *
 *   1. dependencies, by the pinned pnpm
 *   2. the native part of the Kafka client, by packages/kafka/bin/setup.mjs
 *   3. the build, so that examples and benchmarks run from `dist`
 *
 * Needs Node and npm, nothing else installed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runNode } from '../command.mjs'
import { pinnedPnpm } from '../workspace.mjs'
import { build } from './build.mjs'
import { installDependencies } from './dependencies.mjs'
import { tooOld } from './node-version.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<number>} run resolves with an exit code
 * @property {string} hint what to look at when it fails
 */

const LOCK_HINT = `After a change of a package.json: npx ${pinnedPnpm(ROOT)} install`

/** @type {readonly Step[]} */
const STEPS = [
  { name: 'dependencies', run: installDependencies, hint: LOCK_HINT },
  { name: 'Kafka client', run: setUpKafkaClient, hint: 'Its output above says what is missing.' },
  { name: 'build', run: build, hint: 'The compiler names file and line above.' },
]

/**
 * @param {{ build: boolean }} options
 * @returns {Promise<number>} the exit code of the first step that failed, or 0
 */
export async function setUp(options) {
  const complaint = tooOld(ROOT, process.versions.node)
  if (complaint !== undefined) return stopped(complaint, 1)
  for (const { name, run, hint } of STEPS) {
    if (run === build && !options.build) continue
    const code = await run()
    if (code !== 0) return stopped(`Set-up stopped at "${name}" (exit code ${code}). ${hint}`, code)
  }
  return 0
}

async function setUpKafkaClient() {
  const script = join(ROOT, 'packages/kafka/bin/setup.mjs')
  return existsSync(script) ? runNode(script) : 0
}

/**
 * @param {string} message
 * @param {number} code
 */
function stopped(message, code) {
  console.error(`\n${message}`)
  return code
}
