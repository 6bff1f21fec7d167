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

test('every order is where a plain loop puts it, and bad ones are dead letters', async () => {
  const { stdout, stderr } = await node('dist/main.js')
  expect(stdout).toContain('map#3: function, gives {id: string, customer: string')
  expect(stdout).toMatch(/DECODE_FAILED in reading: expected valid JSON'.* 13 /)
  expect(stdout).toMatch(/DECODE_FAILED in reading: expected int32'.* 7 /)
  expect(stdout).toMatch(/DECODE_FAILED in reading: expected a whole number of 32 bits'.* 7 /)
  expect(stdout).toMatch(/FUNCTION_FAILED in map#3: .*RangeError: no rate for XBT'.* 6 /)
  expect(stdout.trim().split('\n').at(-1)).toBe(
    'orders=5000 large=754 standard=3206 dead=33 cancelled=1007 equal=true',
  )
  expect(stderr).toBe('')
})

test('an option it does not know is refused with its usage', async () => {
  const run = node('dist/main.js', '--fast')
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--broker') })
})
