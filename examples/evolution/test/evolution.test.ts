import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const BUILD_MS = 60_000
const execute = promisify(execFile)

const node = (file: string, ...args: string[]) =>
  execute(process.execPath, [file, ...args], { cwd: FOLDER })

beforeAll(async () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
  await node(fileURLToPath(new URL('bin/tsc', `file://${tsc}`)), '-b', FOLDER)
}, BUILD_MS)

test('orders of four versions are read by one schema, and a fifth version is refused', async () => {
  const { stdout } = await node('dist/main.js')
  expect(stdout).toContain('version 4 is registered as schema 4: 1000 orders written')
  expect(stdout).toContain('Order.country: the new schema has this field, without a default')
  expect(stdout.trim().split('\n').at(-1)).toMatch(/^versions=4 rows=3772 equal=true$/)
})

test('an option it does not know is refused with its usage', async () => {
  const run = node('dist/main.js', '--fast')
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--registry'),
  })
})
