/**
 * The verifier as a user calls it, in its short form: some kills, a zombie perhaps, and every
 * result of every pipeline right. And what is left when it is killed itself: nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, inject, onTestFinished, test } from 'vitest'
import { call, withAdmin } from './native-client.ts'
import { until } from './transport-session.ts'

const PROGRAM = new URL('../../packages/verify/dist/main.js', import.meta.url).pathname
/** Its first troubles are kills around the commit. */
const SEED = 57

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

interface Run {
  readonly child: ChildProcess
  readonly lines: string[]
  /** Where everything it writes goes. */
  readonly folder: string
}

function start(...args: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'verify-crash-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const broker = ['--broker', inject('kafka')]
  const child = spawn(process.execPath, [PROGRAM, 'crash', ...broker, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => lines.push(...text.trimEnd().split('\n')))
  }
  return { child, lines, folder }
}

async function topicsOfVerifier(): Promise<string[]> {
  const topics = await withAdmin(inject('kafka'), admin =>
    call<string[]>(admin, 'listTopics', { timeout: 5_000 }),
  )
  return topics.filter(name => name.startsWith('verify-'))
}

test.each(['at-least-once', 'exactly-once'])(
  '%s: some kills, and every result is right',
  async guarantee => {
    const args = ['--guarantee', guarantee, '--minutes', '0.4', '--seed', `${SEED}`]
    const { child, lines, folder } = start(...args)
    await once(child, 'exit')
    const last = lines.at(-1) ?? ''
    expect(last, lines.join('\n')).toMatch(
      new RegExp(
        `^guarantee=${guarantee} kills=\\d+ steps=\\d+ records=\\d+ wrong=0 missing=0 duplicated=0$`,
      ),
    )
    expect(Number(/kills=(\d+)/.exec(last)?.[1])).toBeGreaterThanOrEqual(2)
    expect(Number(/records=(\d+)/.exec(last)?.[1])).toBeGreaterThan(1_000)
    expect(child.exitCode).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    await expect.poll(topicsOfVerifier, { timeout: 20_000 }).toEqual([])
  },
  240_000,
)

test('Ctrl-C ends everything it has started', async () => {
  const { child, lines, folder } = start('--guarantee', 'exactly-once', '--minutes', '5')
  await until('a process was killed', () => lines.some(line => line.includes('SIGKILL')), 60_000)
  child.kill('SIGINT')
  await once(child, 'exit')
  expect(lines.join('\n')).toContain('stopped by SIGINT')
  expect(child.exitCode).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('killed itself, it leaves no process and no folder behind', async () => {
  const { child, lines, folder } = start('--guarantee', 'exactly-once', '--minutes', '5')
  await until('a process was killed', () => lines.some(line => line.includes('SIGKILL')), 60_000)
  child.kill('SIGKILL')
  await until('its watchdog has cleaned up', () => readdirSync(folder).length === 0)
})
