import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../command.mjs'
import { LONG } from './longest-first.mjs'
import { ON_DEMAND, PROJECTS, selectionOf } from './selection.mjs'
import { missingForServers } from './servers.mjs'
import { closingLine, succeeded, tallyOf } from './tally.mjs'

const REPORT = {
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }] }],
}
const GREEN = { ...REPORT, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }

test('counts what the report says', () => {
  expect(tallyOf(REPORT, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 })
  expect(tallyOf(GREEN, 0)).toEqual({ passed: 3, failed: 0, skipped: 0 })
})

test('counts what the report does not say as a failure', () => {
  const unloadable = { status: 'failed', assertionResults: [] }
  const setUpFailed = { status: 'failed', assertionResults: [{ status: 'skipped' }] }
  const both = { ...GREEN, testResults: [unloadable, setUpFailed] }
  expect(tallyOf(both, 1)).toEqual({ passed: 3, failed: 2, skipped: 0 })
  expect(tallyOf(GREEN, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
  expect(tallyOf(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  expect(tallyOf({ ...GREEN, numPassedTests: 0 }, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('prints one closing line', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
})

test('a skip fails only where nothing may be skipped; nothing run fails everywhere', () => {
  const skipped = { passed: 3, failed: 0, skipped: 1 }
  expect(succeeded(skipped, { strict: false })).toBe(true)
  expect(succeeded(skipped, { strict: true })).toBe(false)
  expect(succeeded({ passed: 0, failed: 0, skipped: 1 }, { strict: false })).toBe(false)
})

test('selects projects, and leaves other arguments to vitest', () => {
  expect(selectionOf([])).toEqual({ checks: true, projects: PROJECTS, rest: [] })
  expect(selectionOf(['--project', 'core', '--project=checks', 'a.test.ts'])).toEqual({
    checks: true,
    projects: ['core'],
    rest: ['a.test.ts'],
  })
  expect(selectionOf(['-t', 'name'])).toEqual({
    checks: false,
    projects: PROJECTS,
    rest: ['-t', 'name'],
  })
  expect(() => selectionOf(['--project', 'cor'])).toThrow('No test project "cor"')
  expect(selectionOf(['--project', 'integration-nodes']).projects).toEqual(ON_DEMAND)
})

test('knows the projects of vitest.config.ts', () => {
  const config = readFileSync(new URL('../../vitest.config.ts', import.meta.url), 'utf8')
  const named = [...config.matchAll(/\bname: '([a-z0-9-]+)'/g)].map(found => found[1])
  expect(named.filter(name => !ON_DEMAND.includes(name))).toEqual(PROJECTS)
  expect(named).toEqual(expect.arrayContaining(ON_DEMAND))
})

test('the test files that begin first are there', () => {
  expect(LONG.filter(file => !existsSync(join(ROOT, file)))).toEqual([])
})

test('names each program that the servers need and is not there', () => {
  expect(missingForServers({ PATH: '' })).toEqual([
    'java is not on the PATH (Kafka and Cassandra run on it)',
    'mvn is not on the PATH (it fetches the servers)',
  ])
})
