import { expect, test } from 'vitest'
import type { World } from '../world.ts'
import { engine, parseEngineOptions } from './engine-command.ts'
import { KERNEL_BUGS, plantKernelBug } from './kernel-bugs.ts'

function worldOf(lines: string[], signal: AbortSignal = new AbortController().signal): World {
  return { broker: null, signal, say: line => void lines.push(line) }
}

test('runs pipelines and says how many, what they had, and that nothing differs', async () => {
  const lines: string[] = []
  expect(await engine(['--pipelines', '2', '--no-planted'], worldOf(lines))).toBe(0)
  expect(lines.join('\n')).toMatch(/^column read +2 /m)
  expect(lines.join('\n')).toMatch(/^2 pipelines, 12 runs, \d+ of them killed/m)
  expect(lines.at(-1)).toBe('pipelines=2 modes=6 different=0 planted=none')
}, 60_000)

test('what differs is shown with plan, mode and rows, and how to run only it', async () => {
  const lines: string[] = []
  const planted = plantKernelBug(KERNEL_BUGS['the first record left out'] as never)
  try {
    const args = ['--pipelines', '1', '--seed', '4', '--no-planted']
    expect(await engine(args, worldOf(lines))).toBe(1)
  } finally {
    planted.remove()
  }
  const text = lines.join('\n')
  expect(text).toMatch(/^DIFFERENT: seed 4, \d partitions, generated, .*batch \d+/m)
  expect(text).toMatch(/\d+ records missing, \d+ not expected\n- key/)
  expect(text).toContain('sub-topology 0: topic input')
  expect(text).toContain('again: npm run verify -- engine --seed 4 --pipelines 1 --no-planted')
  expect(lines.at(-1)).toBe('pipelines=1 modes=6 different=1 planted=none')
}, 60_000)

test('ends where it is told to stop', async () => {
  const stop = AbortSignal.abort(new Error('stopped by SIGINT'))
  await expect(engine([], worldOf([], stop))).rejects.toThrow('stopped by SIGINT')
})

test('refuses what it does not know', () => {
  expect(parseEngineOptions([])).toEqual({ pipelines: 500, seed: 1, isPlanting: true })
  expect(() => parseEngineOptions(['--pipelines', '0'])).toThrow('--pipelines takes a whole number')
  expect(() => parseEngineOptions(['--seed', 'x'])).toThrow('--seed takes a whole number')
})
