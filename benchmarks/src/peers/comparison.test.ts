import { expect, test } from 'vitest'
import { judged, type RunFigures, ratioOf, summaryOf } from './comparison.ts'

const run = (records: number, seconds: number, cpuSeconds = seconds): RunFigures => ({
  records,
  seconds,
  cpuSeconds,
  rssBytesMax: 1,
})

test('rates are compared, whatever number of records each system had', () => {
  const ours = [run(40_000, 10), run(41_000, 10)]
  const peer = [run(1_000, 1), run(1_025, 1)]
  const { wall, cpu, isSettled } = ratioOf(ours, peer)
  expect(wall).toBeCloseTo(4)
  expect(cpu).toBeCloseTo(4)
  expect(isSettled).toBe(true)
})

test('a slow round meets both of its pair and leaves the ratio as it is', () => {
  const ours = [run(400, 1), run(200, 1), run(400, 1)]
  const peer = [run(100, 1), run(50, 1), run(100, 1)]
  expect(ratioOf(ours, peer).wall).toBe(4)
})

test('runs without a partner are left out', () => {
  const ours = [run(300, 1), run(300, 1), run(300, 1), run(9_000, 1)]
  const peer = [run(100, 1), run(100, 1), run(100, 1)]
  const ratio = ratioOf(ours, peer)
  expect(ratio.wall).toBe(3)
  expect(ratio.ours.runs).toBe(3)
  expect(ratio.isSettled).toBe(true)
})

test('no verdict where either system spreads by more than 15 %, or ran once', () => {
  const steady = [run(100, 1), run(101, 1), run(102, 1)]
  const shaky = [run(100, 1), run(108, 1), run(117, 1)]
  expect(ratioOf(steady, shaky).isSettled).toBe(false)
  expect(ratioOf(shaky, steady).isSettled).toBe(false)
  expect(ratioOf([run(1, 1)], [run(1, 1)]).isSettled).toBe(false)
  expect(judged(false, true)).toBe('no verdict')
  expect(judged(true, true)).toBe('met')
  expect(judged(true, false)).toBe('missed')
})

test('CPU is per million records of the measured part', () => {
  expect(summaryOf([run(2_000_000, 10, 5)]).cpuPerMillion).toBe(2.5)
})
