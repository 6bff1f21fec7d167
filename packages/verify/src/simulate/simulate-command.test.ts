import { expect, test } from 'vitest'
import type { World } from '../world.ts'
import { parseSimulateOptions, simulate } from './simulate-command.ts'

test('tells stories and says how many, and how many planted bugs were found', async () => {
  const lines: string[] = []
  const world = { say: (line: string) => void lines.push(line) } as unknown as World
  expect(await simulate(['--seeds', '2', '--no-planted'], world)).toBe(0)
  expect(lines.at(-1)).toMatch(/^seeds=2 steps=\d+ failed=0 planted=none$/)
})

test('refuses what it does not know', () => {
  expect(parseSimulateOptions([])).toMatchObject({ seeds: 100, from: 1, isPlanting: true })
  expect(() => parseSimulateOptions(['--seeds', 'many'])).toThrow('--seeds takes a whole number')
  expect(() => parseSimulateOptions(['--program', 'x'])).toThrow('--program takes one of')
})
