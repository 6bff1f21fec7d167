import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const BUILD_MS = 60_000
const execute = promisify(execFile)

function node(file: string, ...args: string[]) {
  return execute(process.execPath, [file, ...args], { cwd: FOLDER, maxBuffer: 16 * 1024 * 1024 })
}

/** Rows in an order of their own: the topic has several partitions. */
function rowsOf(lines: string): string[] {
  return lines.trim().split('\n').sort()
}

beforeAll(async () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
  await node(fileURLToPath(new URL('bin/tsc', `file://${tsc}`)), '-b', FOLDER)
}, BUILD_MS)

test('its results are those of an independent computation', async () => {
  const shown = await node('dist/main.js', '--fast', '--json')
  const expected = await node('test/recompute.mjs')
  expect(rowsOf(shown.stdout)).toEqual(rowsOf(expected.stdout))
  expect(shown.stderr).toBe('rows=20000 windows=1988\n')
})

test('without a terminal it prints one table of the busiest airports and the counts', async () => {
  const { stdout } = await node('dist/main.js', '--fast')
  const tables = stdout.split('\n').filter(line => line.includes('week of'))
  expect(tables).toHaveLength(1)
  expect(stdout).toMatch(/'ATL'.*'2001-03-29'.*26.*31.*172/)
  expect(stdout.trim().split('\n').at(-1)).toBe('rows=20000 windows=1988')
})

test('an option it does not know is refused with its usage', async () => {
  const run = node('dist/main.js', '--slow')
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--fast') })
})
