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

test('counts what a plain loop counts', async () => {
  const { stdout } = await node('dist/main.js')
  expect(stdout.trim().split('\n').at(-1)).toBe('lines=203 counts=662 equal=true')
})
