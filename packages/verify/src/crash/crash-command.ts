/**
 * `crash`: for each guarantee a story in which processes are killed in every way, and the verdict
 * of the checker about it.
 */
import { randomBytes } from 'node:crypto'
import type { Guarantee } from '@millrace/core'
import { CheckerProcess } from '../check/checker-process.ts'
import type { Anomaly } from '../check/comparison.ts'
import type { Verdict } from '../check/messages.ts'
import { Children } from '../children.ts'
import type { World } from '../world.ts'
import { Conductor } from './conductor.ts'
import { type CrashOptions, parseCrashOptions } from './crash-options.ts'
import { createTopics, deleteTopics } from './topics.ts'
import { troublesOf } from './trouble.ts'

const COMMIT_INTERVAL_MS = 250
const PER_SECOND = 500
/** `besideMs` is for the silence at the end and the check. */
const LONG = { idleMs: 10_000, besideMs: 45_000 }
const SHORT = { idleMs: 6_000, besideMs: 18_000 }
const SHORT_BELOW_MS = 90_000
const FEED_MS_MIN = 5_000
/** Without a bound a whole plan takes less on a machine that is not busy; the share goes by it. */
const WHOLE_MS = 6 * 60_000
/** And on a busy one this is its end. */
const WHOLE_MS_MAX = 25 * 60_000
/** So long nothing may come while something is missing. */
const PATIENCE_MS = 45_000
const CHECK_MS = 180_000
/** On top of the minutes asked for, before everything is broken off. */
const OVERTIME_MS = 180_000
const ANOMALIES_SHOWN = 20

/** Gives the exit code. */
export async function crash(args: readonly string[], world: World): Promise<number> {
  const options = parseCrashOptions(args, world)
  const storiesMs = storyMsOf(options, WHOLE_MS_MAX) * options.guarantees.length
  const bounded = AbortSignal.timeout(storiesMs + OVERTIME_MS)
  const signal = AbortSignal.any([world.signal, bounded])
  let isGood = true
  for (const guarantee of options.guarantees) {
    isGood = (await tellStory(guarantee, options, { ...world, signal })) && isGood
  }
  return isGood ? 0 : 1
}

async function tellStory(
  guarantee: Guarantee,
  options: CrashOptions,
  { signal, say, broker }: World,
): Promise<boolean> {
  const { settings, seed } = options
  const storyMs = storyMsOf(options, WHOLE_MS)
  const lastMs = storyMsOf(options, WHOLE_MS_MAX)
  const { idleMs, besideMs } = storyMs < SHORT_BELOW_MS ? SHORT : LONG
  const id = `verify-${seed}-${randomBytes(3).toString('hex')}`
  const bounce = broker?.bounce ?? null
  say(`${guarantee}: seed ${seed}, topics ${id}-*`)
  const children = new Children(lastMs + 10 * 60_000)
  const conductor = new Conductor(
    {
      id,
      settings,
      guarantee,
      seed,
      troubles: troublesOf(seed, guarantee, bounce !== null),
      perSecond: PER_SECOND,
      commitIntervalMs: COMMIT_INTERVAL_MS,
      idleMs,
      feedMs: Math.max(FEED_MS_MIN, storyMs - besideMs),
      feedMsMax: Math.max(FEED_MS_MIN, lastMs - besideMs),
      bounce,
      signal,
      say,
    },
    children,
  )
  try {
    await createTopics(settings, id)
    await conductor.tell()
    const { files } = conductor
    const orders = { id, settings, guarantee, files, patienceMs: PATIENCE_MS }
    const checker = new CheckerProcess(children, orders)
    if (!(await checker.read(CHECK_MS, signal))) say(`results are missing: ${checker.missing}`)
    await conductor.stop()
    const verdict = await checker.verdict(CHECK_MS, signal)
    const isGood = report(guarantee, conductor, verdict, say)
    if (!isGood) for (const line of conductor.logs()) say(line)
    return isGood
  } catch (error) {
    for (const line of conductor.logs()) say(line)
    throw error
  } finally {
    await children.close()
    await deleteTopics(settings, id).catch(() => {})
  }
}

function storyMsOf({ minutes, guarantees }: CrashOptions, otherwise: number): number {
  return minutes === null ? otherwise : (minutes * 60_000) / guarantees.length
}

function report(
  guarantee: Guarantee,
  { kills, points, problems, notes }: Conductor,
  { inputCount, anomalies, tallies }: Verdict,
  say: World['say'],
): boolean {
  for (const { output, expected, seen, repeated } of tallies) {
    say(`${output}: ${expected} expected, ${seen} seen, ${repeated} of them repeats`)
  }
  for (const note of notes) say(`note: ${note}`)
  for (const problem of problems) say(`problem: ${problem}`)
  for (const { kind, output, text } of anomalies.slice(0, ANOMALIES_SHOWN)) {
    say(`${kind}: ${output}: ${text}`)
  }
  if (anomalies.length > ANOMALIES_SHOWN) say(`… ${anomalies.length} anomalies in all`)
  const of = (kind: Anomaly['kind']): number =>
    anomalies.filter(anomaly => anomaly.kind === kind).length
  const reordered = of('reordered')
  say(
    `guarantee=${guarantee} kills=${kills} steps=${points.size} records=${inputCount} ` +
      `wrong=${of('wrong')} missing=${of('lost')} duplicated=${of('duplicated')}` +
      `${reordered > 0 ? ` reordered=${reordered}` : ''}`,
  )
  return anomalies.length === 0 && problems.length === 0
}
