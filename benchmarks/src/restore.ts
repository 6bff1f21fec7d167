/**
 * How fast state comes back from its changelog, when the local disk is empty; against Kafka Streams
 * and a changelog of its own with as many keys and bytes.
 *
 *   npm run bench -- restore [--peers]
 *
 * State is count and sum in two million open windows. Each system makes its own once, from one
 * input; then its folder is deleted before each run. Runs take turns, who begins changes, and the
 * first of each is not counted. Kafka Streams writes its results nowhere, so that it has one store.
 */
import { rm } from 'node:fs/promises'
import type { Verdict } from './benchmarks.ts'
import { grouped, median, mib, table } from './figures.ts'
import type { Job } from './job.ts'
import type { Lab } from './lab.ts'
import { makeOpenWindows, type OpenWindows, USERS_BEFORE, userOf } from './open-windows.ts'
import { isSettled, rateOf, spreadOf } from './peers/comparison.ts'
import { scheduleOf } from './peers/schedule.ts'
import { setUpKafkaStreams } from './peers/set-up.ts'
import { type InstalledStreams, SYSTEMS, streamsCommand } from './peers/systems.ts'
import { timedRun } from './peers/timed-run.ts'

const USERS = Number(process.env['BENCH_RECORDS'] ?? 2_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const RATE_MIN = 350_000
const RATIO_MIN = 1
const RATIO_AIM = 1.5
/** Records and bytes of the two changelogs may differ by as much: ours has a mark per commit. */
const DIFFERENCE_MAX = 0.02
/** Kafka Streams has these beside the user's name and the value: the window, and a number. */
const STREAMS_BYTES = 8 + 4
/** A process that was killed is missed for as long. */
const SESSION_MS = 6_000
const RUN_MS_MAX = 5 * 60_000

type System = 'millrace' | 'kafka-streams'

interface Restored {
  readonly records: number
  readonly bytes: number
  readonly seconds: number
}

interface Restorer {
  readonly bytes: number
  restore(): Promise<Restored>
}

/** What the Java program is told; the other names are those of `PeerJob`. */
interface StreamsRestoreJob {
  readonly bootstrap: string
  readonly id: string
  readonly pipeline: 'open-windows'
  readonly input: string
  readonly state: string
  /** `check`: makes the state. `restore`: ends when all of it has been restored. */
  readonly mode: 'check' | 'restore'
  readonly warmup: number
  readonly records: number
  readonly commitMs: number
  readonly compression: 'none'
  readonly sessionMs: number
  readonly valueBytes: number
}

export async function restore(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const installed = args.includes('--peers') ? await setUpKafkaStreams() : null
  const windows = await makeOpenWindows(lab, 'exactly-once', USERS)
  const restorers = new Map([['millrace', await millrace(lab, windows.job)] as [System, Restorer]])
  if (installed !== null) {
    const { bytes } = restorers.get('millrace') as Restorer
    restorers.set('kafka-streams', await kafkaStreams(lab, windows, bytes, installed))
  }
  const runs = new Map<System, Restored[]>([...restorers.keys()].map(name => [name, []]))
  const counts = new Map([...restorers.keys()].map(name => [name, ROUNDS]))
  for (const { round, system } of scheduleOf(counts)) {
    const run = await (restorers.get(system) as Restorer).restore()
    runs.get(system)?.push(run)
    console.log(`round ${round + 1}, ${system}: ${grouped(rateOf(run))} records/s`)
  }
  report(runs)
  return verdictsOf(runs)
}

async function millrace(lab: Lab, job: Omit<Job, 'bootstrap'>): Promise<Restorer> {
  const once = async (): Promise<Restored> => {
    await rm(job.stateFolder, { recursive: true, force: true })
    const program = lab.run(job)
    const { status } = await program.until(sample => sample.status.tasks.length > 0)
    const [restored] = status.restores
    await program.kill()
    if (restored === undefined) throw new Error('nothing was restored')
    const { recordsRead: records, bytesRead: bytes, ms } = restored
    return { records, bytes, seconds: ms / 1_000 }
  }
  const { bytes } = await once()
  return { bytes, restore: once }
}

/** @param bytes of keys and values that its changelog is to have. */
async function kafkaStreams(
  lab: Lab,
  { job, recordCount }: OpenWindows,
  bytes: number,
  installed: InstalledStreams,
): Promise<Restorer> {
  const id = lab.newName('windows-streams')
  const streamsJob: StreamsRestoreJob = {
    bootstrap: lab.bootstrap,
    id,
    pipeline: 'open-windows',
    input: job.input,
    state: lab.stateFolder(id),
    mode: 'check',
    warmup: 1,
    records: recordCount,
    commitMs: SYSTEMS['kafka-streams'].commitMs,
    compression: 'none',
    sessionMs: SESSION_MS,
    valueBytes: Math.round((bytes - nameBytes()) / recordCount - STREAMS_BYTES),
  }
  const run = (mode: StreamsRestoreJob['mode']) =>
    timedRun(streamsCommand({ ...streamsJob, mode }, installed), RUN_MS_MAX)
  await run('check')
  const there = await changelogBytes(lab, `${id}-totals-changelog`)
  const once = async (): Promise<Restored> => {
    await rm(streamsJob.state, { recursive: true, force: true })
    const { records, seconds } = await run('restore')
    return { records, bytes: there, seconds }
  }
  await once()
  return { bytes: there, restore: once }
}

/** Of the users of all windows. */
function nameBytes(): number {
  const bytesOf = (users: number): number => {
    let bytes = 0
    for (let i = 0; i < users; i++) bytes += userOf(i).length
    return bytes
  }
  return bytesOf(USERS_BEFORE) + bytesOf(USERS)
}

async function changelogBytes(lab: Lab, topic: string): Promise<number> {
  let bytes = 0
  await lab.readAll(topic, ({ count, keySize, valueSize }) => {
    for (let i = 0; i < count; i++) bytes += (keySize[i] as number) + (valueSize[i] as number)
  })
  return bytes
}

type Runs = ReadonlyMap<System, readonly Restored[]>

function report(runs: Runs): void {
  const rows = [...runs].map(([system, each]) => {
    const rates = each.map(rateOf)
    const [{ records, bytes }] = each as [Restored]
    const spread = `${(spreadOf(rates) * 100).toFixed(0)} %`
    return [SYSTEMS[system].title, grouped(records), mib(bytes), grouped(median(rates)), spread]
  })
  const head = ['system', 'records', 'keys and values', 'records/s', 'spread']
  console.log(`\n${table([head, ...rows])}\n`)
}

function verdictsOf(runs: Runs): Verdict[] {
  const ours = runs.get('millrace') ?? []
  const rates = ours.map(rateOf)
  const rate = median(rates)
  const verdicts: Verdict[] = [
    {
      isMet: rate >= RATE_MIN,
      text: `restore: ${grouped(rate)} records/s (at least ${grouped(RATE_MIN)})`,
    },
  ]
  const theirs = runs.get('kafka-streams')
  return theirs === undefined ? verdicts : [...verdicts, ...compared(ours, theirs)]
}

function compared(ours: readonly Restored[], theirs: readonly Restored[]): Verdict[] {
  const [one, other] = [ours[0] as Restored, theirs[0] as Restored]
  const ratio = median(ours.map((run, i) => rateOf(run) / rateOf(theirs[i] as Restored)))
  const isNear = (from: number, to: number): boolean => Math.abs(to / from - 1) <= DIFFERENCE_MAX
  return [
    {
      isMet: isNear(one.records, other.records) && isNear(one.bytes, other.bytes),
      text:
        `changelogs are alike: ${grouped(one.records)} records, ${grouped(one.bytes)} bytes; ` +
        `of Kafka Streams ${grouped(other.records)}, ${grouped(other.bytes)}`,
    },
    {
      isMet: isSettled(ours.map(rateOf), theirs.map(rateOf)) ? ratio >= RATIO_MIN : null,
      text:
        `restore against ${SYSTEMS['kafka-streams'].title}: ${ratio.toFixed(2)} × as fast ` +
        `(at least ${RATIO_MIN} ×, aim ${RATIO_AIM} ×)`,
    },
  ]
}
