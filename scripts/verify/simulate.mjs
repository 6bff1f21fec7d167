/**
 * `npm run verify -- simulate`: tells stories of accidents in a simulated world, a seed each, and
 * plants bugs to see that the stories find them. A seed that fails is printed with what happened
 * and the line that tells it again.
 */
import { parseArgs } from 'node:util'
import { SIMULATED_PROGRAMS, simulate } from '@millrace/core/testing'

const USAGE = `simulate [--seeds N] [--from S] [--program P] [--no-planted]
      N stories (100) from seed S (1), of program P alone: ${SIMULATED_PROGRAMS.join(', ')}`

/** @typedef {import('@millrace/core/testing').Told} Told */

/** @type {import('../verify.mjs').VerifyCommand} */
export const SIMULATE = { usage: USAGE, run }

const TOLD_EVERY = 50
const LINES_MAX = 10

/** @param {readonly string[]} args */
async function run(args) {
  const asked = options(args)
  if (typeof asked === 'string') {
    console.error(`${asked}\n\nnpm run verify -- ${USAGE}`)
    return 1
  }
  const { seeds, from, program, isPlanting } = asked
  const changes = program === undefined ? {} : { program }
  const startedAt = Date.now()
  let told = 0
  const { failed, steps, planted, plantedFound } = await simulate({
    from,
    seeds,
    changes,
    isPlanting,
    onTold: each => {
      told++
      if (each.wrong.length > 0) tellFailure(each, program)
      if (told % TOLD_EVERY === 0) console.log(`${told} stories, ${seconds(startedAt)} s`)
    },
    onPlanted: ({ name }, found) => {
      const where = found === null ? 'NOT FOUND' : `seed ${found.story.seed}: ${found.wrong[0]}`
      console.log(`planted: ${name}\n  ${where}`)
    },
  })
  if (failed.length > 0) console.log(`failed: ${failed.map(({ story }) => story.seed).join(' ')}`)
  const share = isPlanting ? `${plantedFound}/${planted}` : 'none'
  console.log(`seeds=${seeds} steps=${steps} failed=${failed.length} planted=${share}`)
  return failed.length === 0 && plantedFound === planted ? 0 : 1
}

/** @param {Told} told @param {string | undefined} program */
function tellFailure({ story, wrong, happened }, program) {
  const same = program === undefined ? '' : ` --program ${program}`
  console.log(`seed ${story.seed} is wrong: ${JSON.stringify(story)}`)
  for (const line of happened) console.log(`  ${line}`)
  for (const line of wrong.slice(0, LINES_MAX)) console.log(`  WRONG: ${line}`)
  if (wrong.length > LINES_MAX) console.log(`  and ${wrong.length - LINES_MAX} more`)
  console.log(
    `again: npm run verify -- simulate --from ${story.seed} --seeds 1${same} --no-planted`,
  )
}

/** @param {readonly string[]} args Gives what is wrong with them, or what they ask for. */
function options(args) {
  try {
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
    const [seeds, from] = [Number(values.seeds), Number(values.from)]
    if (!Number.isSafeInteger(seeds) || seeds < 0)
      return `--seeds takes a number, not ${values.seeds}`
    if (!Number.isSafeInteger(from)) return `--from takes a number, not ${values.from}`
    if (program !== undefined && !SIMULATED_PROGRAMS.includes(program)) {
      return `there is no program ${program}`
    }
    return { seeds, from, program, isPlanting: !values['no-planted'] }
  } catch (error) {
    return /** @type {Error} */ (error).message
  }
}

/** @param {number} since */
function seconds(since) {
  return Math.round((Date.now() - since) / 1_000)
}
