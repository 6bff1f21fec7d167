/**
 * The example on a real broker: Parquet by day and a model that learns from the served table, both
 * compared by it with plain loops. Skipped by name where there is no Python; a failure under CI.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, onTestFinished, test } from 'vitest'
import { ARROW_READERS } from '../../scripts/services/python.mjs'
import { pythonOrNull } from './python-or-null.ts'

const PROGRAM = new URL('../../examples/flights-to-arrow/dist/main.js', import.meta.url).pathname
const DAYS = 90

const python = await pythonOrNull(ARROW_READERS)

function run(...args: string[]) {
  const options = { timeout: 110_000 }
  return promisify(execFile)(process.execPath, [PROGRAM, ...args], options)
}

test.skipIf(python === null)('each flight is in the folder of its day, and learnt', async () => {
  const work = await mkdtemp(join(tmpdir(), 'millrace-flights-'))
  onTestFinished(() => rm(work, { recursive: true, force: true }))
  const out = join(work, 'out')
  const plot = join(work, 'plot.svg')
  const args = ['--broker', inject('kafka'), '--out', out, '--plot', plot]
  const { stdout } = await run('--python', python as string, ...args)
  const lines = stdout.trim().split('\n')
  expect(lines.pop()).toBe('rows=20000 equal=true')
  const counts = lines.map(line => Number.parseInt(line, 10))
  // It learns while rows come, not once at the end.
  expect(counts[0]).toBeLessThan(20_000)
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
  expect(counts.at(-1)).toBe(20_000)
  const folders = (await readdir(out)).filter(name => !name.startsWith('.'))
  expect(folders).toHaveLength(DAYS)
  expect(folders.every(name => /^day=2001-0[1-3]-\d\d$/.test(name))).toBe(true)
  expect(await readFile(plot, 'utf8')).toMatch(/^<svg [\s\S]+after 20,000 flights[\s\S]+<\/svg>\n$/)
})

test('where Python is missing it says what is needed, and ends', async () => {
  await expect(run('--python', 'no-such-python')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^train\.py ended with ENOENT\. .*pyarrow.*no-such-python/),
  })
})

test('an option it does not know is refused with its usage', async () => {
  await expect(run('--fast')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--plot FILE'),
  })
})
