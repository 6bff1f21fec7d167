/**
 * The comparison: a seed's program and input, run in every way that must not matter, against each
 * other and against the oracle. A failing seed shows itself with its plan and its input.
 */
import { TestDriver } from '@millrace/core/testing'
import { build } from './build.ts'
import { Coverage } from './coverage.ts'
import { randomProgram } from './generate.ts'
import { type Input, randomInput } from './input.ts'
import { type Mode, modeName, modesOf } from './modes.ts'
import { type Expected, expectedOf } from './oracle.ts'
import type { Program } from './program.ts'
import { type Actual, application, runMode } from './run-mode.ts'

export interface Compared {
  /** Runs that were compared. */
  readonly runs: number
  /** Those that were killed; a run may end before its point comes. */
  readonly crashed: number
  /** The first that is not what it should be, with plan and input; null = there is none. */
  readonly difference: string | null
}

export interface ComparisonOptions {
  readonly coverage?: Coverage
  /** What the pipeline of a seed is run in. Default: its six modes. */
  readonly modes?: (seed: number, partitions: number) => readonly Mode[]
}

/** Runs a seed's pipeline in its modes, on an input of one partition or of four by turns. */
export async function compare(seed: number, options: ComparisonOptions = {}): Promise<Compared> {
  const { coverage = new Coverage(), modes = modesOf } = options
  const program = randomProgram(seed)
  const partitions = (seed >> 4) % 2 === 0 ? 4 : 1
  const input = randomInput(program, partitions)
  coverage.begin(program.columns)
  const expected = expectedOf(program, input, coverage)
  let [runs, crashed] = [0, 0]
  for (const mode of modes(seed, partitions)) {
    runs++
    const { found, isCrashed } = await differenceIn(program, input, expected, mode)
    if (isCrashed) crashed++
    if (found === null) continue
    const where = `seed ${seed}, ${partitions} partitions, ${modeName(mode)}`
    const difference = [where, found, explained(program, mode), inputText(input)].join('\n')
    return { runs, crashed, difference }
  }
  return { runs, crashed, difference: null }
}

async function differenceIn(
  program: Program,
  input: Input,
  expected: Expected,
  mode: Mode,
): Promise<{ found: string | null; isCrashed: boolean }> {
  try {
    const actual = await runMode(program, input, mode)
    const isCrashed = actual.crashedAt !== null
    const found = wrongIn(actual, expected)
    if (found === null || !isCrashed) return { found, isCrashed }
    return { found: `killed ${actual.crashedAt}\n${found}`, isCrashed }
  } catch (error) {
    const found = `the run failed: ${error instanceof Error ? error.stack : String(error)}`
    return { found, isCrashed: false }
  }
}

function wrongIn(actual: Actual, expected: Expected): string | null {
  for (const [topic, records] of expected.outputs) {
    const found = compared(records, actual.outputs.get(topic) ?? [])
    if (found !== null) return `${topic}:\n${found}`
  }
  if (actual.disordered.length > 0) return `out of order:\n${actual.disordered.join('\n')}`
  if (actual.taps !== null && actual.taps !== expected.taps) {
    return `tap saw ${actual.taps}, expected ${expected.taps}`
  }
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
  const app = application(new TestDriver(), program, mode, null, 0)
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
