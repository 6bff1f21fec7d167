/**
 * The comparison: a seed's program and input, run in every way that must not matter, against each
 * other and against the oracle. A failing seed shows itself with its plan and its input.
 */
import { TestDriver } from '@millrace/core/testing'
import { build } from './build.ts'
import type { Coverage } from './coverage.ts'
import { randomProgram } from './generate.ts'
import { type Input, randomInput } from './input.ts'
import { type Expected, expectedOf } from './oracle.ts'
import type { Program } from './program.ts'
import { type Actual, application, type Mode, modeName, runMode } from './run-mode.ts'

const BATCHES = [1, 7, 1024]
const ORDER_NAMES = ['random', 'one by one', 'behind first', 'behind last']

/**
 * Null when every way agrees; else a report.
 * @param isBrief each size of batch once, with rules or without by turns of the seeds.
 */
export async function difference(
  seed: number,
  coverage: Coverage,
  isBrief = false,
): Promise<string | null> {
  const program = randomProgram(seed)
  for (const partitions of [1, 4]) {
    const input = randomInput(program, partitions)
    const expected = expectedOf(program, input, coverage)
    for (const mode of modesOf(seed, partitions, isBrief)) {
      const found = await differenceIn(program, input, expected, mode)
      if (found === null) continue
      const where = `seed ${seed}, ${partitions} partitions, ${modeName(mode)}`
      return [where, found, explained(program, mode), inputText(input)].join('\n')
    }
  }
  return null
}

/**
 * Every batch size with and without rules; generated or interpreted, orders of reading and live
 * runs take turns. The oracle is neither.
 */
function modesOf(seed: number, partitions: number, isBrief: boolean): Mode[] {
  const orders = partitions === 1 ? ['random'] : ORDER_NAMES
  const modes = BATCHES.flatMap((batchRecordsMax, b) =>
    [true, false].flatMap((rules, r): Mode[] => {
      // By another bit of the seed than what takes turns below.
      if (isBrief && ((seed >> 1) + b + r) % 2 === 0) return []
      const order = orders[(seed + b * 2 + r) % orders.length] as string
      const isShort = (seed + b + r) % 2 === 0
      const generated = (seed + b + r + partitions) % 4 !== 0
      return [{ batchRecordsMax, rules, generated, order, isLive: false, isShort }]
    }),
  )
  if (partitions === 1 && seed % 2 === 0) return modes
  const batchRecordsMax = BATCHES[seed % BATCHES.length] as number
  const order = orders[(seed + 1) % orders.length] as string
  const live = { isLive: true, isShort: seed % 4 === 1, generated: seed % 3 > 0 }
  return [...modes, { batchRecordsMax, rules: seed % 4 < 2, order, ...live }]
}

async function differenceIn(
  program: Program,
  input: Input,
  expected: Expected,
  mode: Mode,
): Promise<string | null> {
  let actual: Actual
  try {
    actual = await runMode(program, input, mode)
  } catch (error) {
    return `the run failed: ${error instanceof Error ? error.stack : String(error)}`
  }
  for (const [topic, records] of expected.outputs) {
    const found = compared(records, actual.outputs.get(topic) ?? [])
    if (found !== null) return `${topic}:\n${found}`
  }
  if (actual.disordered.length > 0) return `out of order:\n${actual.disordered.join('\n')}`
  if (actual.taps !== expected.taps) return `tap saw ${actual.taps}, expected ${expected.taps}`
  if (actual.counters === null) return null
  const [got, wanted] = [actual.counters, expected.counters].map(each => JSON.stringify(each))
  return got === wanted ? null : `counters are ${got}, expected ${wanted}`
}

/** Differences of two bags of records. */
function compared(expected: readonly string[], actual: readonly string[]): string | null {
  const left = new Map<string, number>()
  for (const text of expected) left.set(text, (left.get(text) ?? 0) + 1)
  const extra = actual.filter(text => {
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count <= 0
  })
  const missing = [...left].flatMap(([text, count]) => Array<string>(Math.max(0, count)).fill(text))
  if (missing.length === 0 && extra.length === 0) return null
  return [
    `${missing.length} records missing, ${extra.length} not expected`,
    ...missing.slice(0, 5).map(text => `- ${text}`),
    ...extra.slice(0, 5).map(text => `+ ${text}`),
  ].join('\n')
}

function explained(program: Program, mode: Mode): string {
  const app = application(new TestDriver(), program, mode)
  build(app, program)
  const { timestamp, disorderMs, keyColumn } = program
  const time = `time from ${timestamp ?? 'the record'}, disorder ${disorderMs} ms, key ${keyColumn}`
  return `${time}\n${app.explain()}`
}

function inputText(input: Input): string {
  const lines = input.flat().map(({ origin, key, timestamp, value }) => {
    return `${origin} ${key === null ? 'no key' : JSON.stringify(`${key}`)} ${timestamp} ${value}`
  })
  return ['input:', ...lines].join('\n')
}
