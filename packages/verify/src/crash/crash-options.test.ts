import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { UsageError, type World } from '../world.ts'
import { parseCrashOptions } from './crash-options.ts'

const world = { broker: null, signal: new AbortController().signal, say() {} } satisfies World
const options = (...args: string[]) => parseCrashOptions(args, world)
const BROKER = ['--broker', 'host:9092']

test('without options both guarantees are tried, for as long as it takes', () => {
  const parsed = options(...BROKER)
  expect(parsed).toMatchObject({
    guarantees: ['at-least-once', 'exactly-once'],
    minutes: null,
    settings: { 'bootstrap.servers': 'host:9092' },
  })
  expect(options(...BROKER, '--minutes', '0.5').minutes).toBe(0.5)
  expect(options(...BROKER, '--guarantee', 'exactly-once').guarantees).toEqual(['exactly-once'])
})

test('settings come from a file, so that secrets are on no command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'verify-options-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'kafka.json')
  writeFileSync(file, JSON.stringify({ 'bootstrap.servers': 'a:1', 'sasl.password': 'p' }))
  expect(options('--settings', file).settings).toEqual({
    'bootstrap.servers': 'a:1',
    'sasl.password': 'p',
  })
  expect(options('--settings', file, ...BROKER).settings['bootstrap.servers']).toBe('host:9092')
})

test.each([
  [['--guarantee', 'at-most-once'], '--guarantee takes at-least-once or exactly-once'],
  [['--minutes', 'many'], '--minutes takes a number'],
  [['--minutes', '-1'], '--minutes'],
  [['--seed', 'x'], '--seed takes a number'],
])('%j is refused', (args, text) => {
  expect(() => options(...BROKER, ...args)).toThrow(text)
})

test('a broker must be named', () => {
  expect(() => options()).toThrow(UsageError)
  expect(() => options('--settings', '/no/such/file')).toThrow(UsageError)
})
