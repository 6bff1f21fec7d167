/**
 * `simulate`: tells stories of accidents in a simulated world, a seed each, and plants bugs to see
 * that the stories find them. A seed that fails is printed with what happened and the line that
 * tells it again. No broker is needed.
 */
import { parseArgs } from 'node:util'
import { SIMULATED_PROGRAMS, type Told, simulate as tellAll } from '@millrace/core/testing'
import { UsageError, type World } from '../world.ts'

const TOLD_EVERY = 50
const LINES_MAX = 10

interface SimulateOptions {
  readonly seeds: number
  readonly from: number
  readonly program: string | undefined
  readonly isPlanting: boolean
}

/** Gives the exit code: 0 when no story is wrong and every planted bug was found. */
export async function simulate(args: readonly string[], { say }: World): Promise<number> {
  const { seeds, from, program, isPlanting } = parseSimulateOptions(args)
  const startedAt = Date.now()
  let told = 0
  const { failed, steps, planted, plantedFound } = await tellAll({
    from,
    seeds,
    changes: program === undefined ? {} : { program },
    isPlanting,
    onTold: each => {
      told++
      if (each.wrong.length > 0) sayFailure(each, program, say)
      if (told % TOLD_EVERY === 0) {
        say(`${told} stories, ${Math.round((Date.now() - startedAt) / 1_000)} s`)
      }
    },
    onPlanted: ({ name }, found) => {
      const where = found === null ? 'NOT FOUND' : `seed ${found.story.seed}: ${found.wrong[0]}`
      say(`planted: ${name}\n  ${where}`)
    },
  })
  if (failed.length > 0) say(`failed: ${failed.map(({ story }) => story.seed).join(' ')}`)
  const share = isPlanting ? `${plantedFound}/${planted}` : 'none'
  say(`seeds=${seeds} steps=${steps} failed=${failed.length} planted=${share}`)
  return failed.length === 0 && plantedFound === planted ? 0 : 1
}

/** @throws UsageError */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      program: { type: 'string' },
      'no-planted': { type: 'boolean', default: false },
    },
  })
  const { program } = values
  if (program !== undefined && !SIMULATED_PROGRAMS.includes(program)) {
    throw new UsageError(`--program takes one of ${SIMULATED_PROGRAMS.join(', ')}, not ${program}`)
  }
  const isPlanting = !values['no-planted']
  return {
    seeds: whole('seeds', values.seeds),
    from: whole('from', values.from),
    program,
    isPlanting,
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new UsageError(`--${name} takes a whole number, not ${text}`)
}

function sayFailure(
  { story, wrong, happened }: Told,
  program: string | undefined,
  say: World['say'],
): void {
  const same = program === undefined ? '' : ` --program ${program}`
  say(`seed ${story.seed} is wrong: ${JSON.stringify(story)}`)
  for (const line of happened) say(`  ${line}`)
  for (const line of wrong.slice(0, LINES_MAX)) say(`  WRONG: ${line}`)
  if (wrong.length > LINES_MAX) say(`  and ${wrong.length - LINES_MAX} more`)
  say(`again: npm run verify -- simulate --from ${story.seed} --seeds 1${same} --no-planted`)
}
