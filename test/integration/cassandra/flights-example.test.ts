/** The example flights-to-cassandra as a user runs it: its table is what a plain loop says. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, inject, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../../examples/flights-to-cassandra', import.meta.url))
const execute = promisify(execFile)

function node(...args: string[]) {
  return execute(process.execPath, args, { cwd: FOLDER })
}

beforeAll(async () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
  await node(fileURLToPath(new URL('bin/tsc', `file://${tsc}`)), '-b', FOLDER)
}, 120_000)

test('prints how many rows there are, and that they are right', async () => {
  const { contactPoints, protocolOptions } = inject('cassandra')
  const address = `${contactPoints[0]}:${protocolOptions.port}`
  const { stdout } = await node('dist/main.js', '--cassandra', address)
  expect(stdout).toBe('rows=1989 equal=true\n')
}, 300_000)

test('without an address it says how it is called', async () => {
  await expect(node('dist/main.js')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--cassandra HOST:PORT'),
  })
})
