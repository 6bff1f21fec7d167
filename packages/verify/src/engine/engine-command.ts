/**
 * `engine`: random pipelines, each run in modes that must not matter and compared with an
 * independent computation of its results; then bugs are planted into generated code to see that
 * pipelines find them. A pipeline that differs is printed with its plan, its mode, the first rows
 * that differ and the line that runs only it. No broker is needed.
 */
import { parseArgs } from 'node:util'
import { UsageError, type World } from '../world.ts'
import { type FoundPlanted, findPlanted } from './find-planted.ts'
import { KERNEL_BUGS } from './kernel-bugs.ts'
import { Coverage } from './pipelines/coverage.ts'
import { compare } from './pipelines/differential.ts'
import { MODES } from './pipelines/modes.ts'
import { MEETING_TOMBSTONES, REQUIRED } from './pipelines/required.ts'

interface EngineOptions {
  readonly pipelines: number
  readonly seed: number
  readonly isPlanting: boolean
}

const TOLD_EVERY = 25
/** So many pipelines have everything that the table must show. */
const COVERING_PIPELINES = 500
/** Pipelines run in the search for one planted bug. */
const SEARCHED_MAX = 500

/** Gives the exit code: 0 when nothing differs and every planted bug was found. */
export async function engine(args: readonly string[], world: World): Promise<number> {
  const { pipelines, seed, isPlanting } = parseEngineOptions(args)
  const { say } = world
  const coverage = new Coverage()
  const different = await compareAll({ pipelines, seed, coverage }, world)
  say(`v = values seen, n = nulls seen\n${coverage}`)
  const missing = pipelines < COVERING_PIPELINES ? [] : missingIn(coverage)
  if (missing.length > 0) say(`NOT COVERED: ${missing.join(', ')}`)
  const bugs = isPlanting ? Object.entries(KERNEL_BUGS) : []
  let found = 0
  for (const [name, change] of bugs) {
    world.signal.throwIfAborted()
    const planted = await findPlanted(change, seed, SEARCHED_MAX)
    if (planted !== null) found++
    say(`planted: ${name}\n  ${planted === null ? 'NOT FOUND' : shown(planted)}`)
  }
  const share = isPlanting ? `${found}/${bugs.length}` : 'none'
  say(`pipelines=${pipelines} modes=${MODES} different=${different} planted=${share}`)
  return different === 0 && missing.length === 0 && found === bugs.length ? 0 : 1
}

/** The seed, and what is said below the mode of the first difference. */
function shown({ seed, difference }: FoundPlanted): string {
  return `seed ${seed}: ${difference.split('\n').slice(1, 3).join(' ')}`
}

interface Comparisons {
  readonly pipelines: number
  readonly seed: number
  readonly coverage: Coverage
}

/** Gives how many pipelines differ. */
async function compareAll({ pipelines, seed, coverage }: Comparisons, world: World) {
  const { say, signal } = world
  say(
    `each pipeline in ${MODES} of 48 modes: of {generated, interpreted}, {rules, no rules}, ` +
      '{batch 1, 7, 1024}, {memory, rocksdb}, {straight, crash} any two choices meet',
  )
  const startedAt = Date.now()
  let [different, runs, crashed] = [0, 0, 0]
  for (let done = 0; done < pipelines; done++) {
    signal.throwIfAborted()
    const found = await compare(seed + done, { coverage })
    runs += found.runs
    crashed += found.crashed
    if (found.difference !== null) {
      different++
      say(`DIFFERENT: ${found.difference}`)
      say(`again: npm run verify -- engine --seed ${seed + done} --pipelines 1 --no-planted`)
    }
    const isTold = (done + 1) % TOLD_EVERY === 0 || done + 1 === pipelines
    if (!isTold) continue
    const seconds = Math.round((Date.now() - startedAt) / 1_000)
    say(`${done + 1} pipelines, ${runs} runs, ${crashed} of them killed, ${seconds} s`)
  }
  return different
}

function missingIn(coverage: Coverage): string[] {
  const tombstones = coverage.missingTombstones(MEETING_TOMBSTONES)
  return [...coverage.missing(REQUIRED), ...tombstones.map(name => `${name} tombstone`)]
}

/** @throws UsageError */
export function parseEngineOptions(args: readonly string[]): EngineOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pipelines: { type: 'string', default: `${COVERING_PIPELINES}` },
      seed: { type: 'string', default: '1' },
      'no-planted': { type: 'boolean', default: false },
    },
  })
  return {
    pipelines: whole('pipelines', values.pipelines),
    seed: whole('seed', values.seed),
    isPlanting: !values['no-planted'],
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  // Seeds are taken by their lower 32 bits.
  if (Number.isInteger(value) && value > 0 && value <= 1_000_000_000) return value
  throw new UsageError(`--${name} takes a whole number from 1 to 1000000000, not ${text}`)
}
