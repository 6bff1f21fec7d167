/**
 * `npm test`: the checks, then every test project; `npm test -- --project core` runs one of them,
 * `--project checks` only the checks. Other arguments go to vitest (a file, `-t NAME`).
 *
 * The last line printed is `N passed, N failed`, with `, N skipped` when something was; a check
 * counts as one test. What the real servers need and this machine lacks is skipped by name, or,
 * with CI=true, failed by name.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChecks } from './checks.mjs'
import { runNode, toolPath } from './command.mjs'
import { setUp } from './setup/set-up.mjs'
import { selectionOf } from './test/selection.mjs'
import { missingForServers } from './test/servers.mjs'
import { closingLine, succeeded, tallyOf } from './test/tally.mjs'

const FAILED = { passed: 0, failed: 1, skipped: 0 }
const strict = process.env.CI === 'true'
const selection = readSelection()
/** @type {import('./test/tally.mjs').Tally} */
const total = { passed: 0, failed: 0, skipped: 0 }
/** @type {string[]} */
const notes = []

if ((await setUp({ build: false })) === 0) {
  if (selection.checks) await check()
  if (selection.projects.length > 0) await test(selection.projects)
} else {
  add(FAILED, 'failed: set-up')
}
for (const note of notes) console.log(note)
console.log(closingLine(total))
process.exitCode = succeeded(total, { strict }) ? 0 : 1

function readSelection() {
  try {
    return selectionOf(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}

async function check() {
  const { passed, failed } = await runChecks()
  add(
    { passed, failed: failed.length, skipped: 0 },
    ...failed.map(name => `failed: the check "${name}"`),
  )
}

/** @param {readonly string[]} projects */
async function test(projects) {
  const onServers = projects.filter(name => name.startsWith('integration'))
  const missing = onServers.length > 0 ? missingForServers(process.env) : []
  const runnable =
    missing.length === 0 ? projects : projects.filter(name => !onServers.includes(name))
  for (const reason of missing) {
    if (strict) add(FAILED, `failed: ${onServers.join(' and ')}, ${reason}`)
    else add({ passed: 0, failed: 0, skipped: 1 }, `skipped: ${onServers.join(' and ')}, ${reason}`)
  }
  if (runnable.length > 0) add(await runVitest(runnable))
}

/** @param {readonly string[]} projects */
async function runVitest(projects) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const file = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const selected = projects.map(name => `--project=${name}`)
  const args = ['run', '--passWithNoTests', ...reporters, ...selected, ...selection.rest]
  const exitCode = await runNode(toolPath('vitest'), args)
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  rmSync(folder, { recursive: true })
  return tallyOf(report, exitCode)
}

/**
 * @param {import('./test/tally.mjs').Tally} part
 * @param {...string} why
 */
function add(part, ...why) {
  total.passed += part.passed
  total.failed += part.failed
  total.skipped += part.skipped
  notes.push(...why)
}
