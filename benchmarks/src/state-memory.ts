/**
 * State of four times its memory budget: are results right, and what does the process take?
 *
 * The state is the greatest note per user in one long window; each user has two records, far apart,
 * so the second one finds its state on the disk. Resident memory is compared with that of the same
 * program over as many records of few users.
 */
import type { Verdict } from './benchmarks.ts'
import { grouped, median, mib, table } from './figures.ts'
import type { Job, Sample } from './job.ts'
import type { InputRecord, Lab } from './lab.ts'

const MIB = 1024 * 1024
const BUDGET_BYTES = Number(process.env['BENCH_BUDGET_MIB'] ?? 256) * MIB
const NOTE_BYTES = 1_000
const USERS = Number(process.env['BENCH_RECORDS'] ?? 1_100_000)
const USERS_FEW = 1_000
/** How often a run is told of. */
const TELL_MS = 5_000
const ROUNDS = 2
const TIMES_MIN = 4
const PART_MAX = 1.25
const NOISE = noise()
const BASE = 1_750_000_000_000 - (1_750_000_000_000 % 3_600_000)

interface Measured {
  readonly name: string
  readonly rssMax: number
  readonly rssMedian: number
  readonly stateBytes: number
  readonly evictions: number
  readonly seconds: number
  readonly wrong: number
  readonly last: Sample
}

export async function stateMemory(lab: Lab): Promise<Verdict[]> {
  const few = await measure(lab, 'few users', USERS_FEW)
  const many = await measure(lab, 'many users', USERS)
  const head = ['run', 'records/s', 'state on disk', 'evictions', 'RSS median', 'RSS most', 'wrong']
  const rows = [few, many].map(run => [
    run.name,
    grouped((ROUNDS * USERS) / run.seconds),
    mib(run.stateBytes),
    grouped(run.evictions),
    mib(run.rssMedian),
    mib(run.rssMax),
    String(run.wrong),
  ])
  console.log(`\n${table([head, ...rows])}\n`)
  const bytesMax = few.rssMax + PART_MAX * BUDGET_BYTES
  const wrong = few.wrong + many.wrong
  return [
    {
      isMet: many.stateBytes >= TIMES_MIN * BUDGET_BYTES,
      text: `state of ${mib(many.stateBytes)} with a budget of ${mib(BUDGET_BYTES)}`,
    },
    { isMet: wrong === 0, text: `results that are wrong: ${wrong}` },
    {
      isMet: many.rssMax <= bytesMax,
      text: `resident memory: ${mib(many.rssMax)} at most (mark ${mib(bytesMax)})`,
    },
  ]
}

async function measure(lab: Lab, name: string, users: number): Promise<Measured> {
  const id = lab.newName('memory')
  const input = await lab.newTopic('input')
  const output = await lab.newTopic('output')
  await lab.write(input, records(users))
  const job: Omit<Job, 'bootstrap'> = {
    id,
    input,
    output,
    pipeline: 'latest',
    window: '1h',
    grace: '0s',
    guarantee: 'exactly-once',
    commitIntervalMs: 1000,
    stateFolder: lab.stateFolder(id),
    stateBytesMax: BUDGET_BYTES,
    isBounded: false,
    sampleMs: 100,
  }
  const program = lab.run(job)
  const told = setInterval(() => tell(name, program.last), TELL_MS)
  const began = await program.until(({ status }) => (status.tasks[0]?.position ?? 0) > 0)
  const count = ROUNDS * USERS
  const read = await program.until(({ status }) => (status.tasks[0]?.position ?? 0) >= count)
  const seconds = (read.sinceStartMs - began.sinceStartMs) / 1000
  await program.until(({ status }) => status.stateMemory?.heldBytes === 0)
  const stats = await program.stateStats()
  // The window closes, page by page: that counts too.
  const follower = await lab.follow(output)
  await lab.write(input, [{ user: 'clock', amount: 0, note: '', timestamp: BASE + 3_600_000 }])
  const results = new Map<string, string>()
  while (results.size < users) {
    const raw = await follower.next()
    for (let i = 0; i < raw.count; i++) {
      const start = raw.valueStart[i] as number
      const text = raw.data.toString('utf8', start, start + (raw.valueSize[i] as number))
      const { user, n, note } = JSON.parse(text)
      results.set(user, `${n} ${note.slice(0, 24)} ${note.length}`)
    }
  }
  const last = await program.until(({ status }) => status.stateMemory?.heldBytes === 0)
  await program.stop()
  clearInterval(told)
  await follower.close()
  const sizes = program.samples.map(({ rssBytes }) => rssBytes)
  const rssMax = sizes.reduce((most, size) => Math.max(most, size), 0)
  tell(`${name}, at most`, program.samples[sizes.indexOf(rssMax)])
  return {
    name,
    rssMax,
    rssMedian: median(sizes),
    stateBytes: stats?.bytesOnDisk ?? 0,
    evictions: last.status.stateMemory?.evictions ?? 0,
    seconds,
    wrong: wrongResults(results, users),
    last,
  }
}

function tell(name: string, sample: Sample | undefined): void {
  if (sample === undefined) return
  const { status, rssBytes, heapBytes, bufferBytes } = sample
  const { usedBytes = 0, heldBytes = 0, evictions = 0 } = status.stateMemory ?? {}
  const sizes = { rssBytes, heapBytes, bufferBytes, usedBytes, heldBytes }
  const texts = Object.entries(sizes).map(([what, bytes]) => `${what.slice(0, -5)} ${mib(bytes)}`)
  const position = grouped(status.tasks[0]?.position ?? 0)
  console.log(`${name}: ${position} records, ${texts.join(', ')}, ${evictions} evictions`)
}

/** Users in turn, `ROUNDS` times; the last note of a user is the greatest. */
function* records(users: number): Generator<InputRecord> {
  for (let i = 0; i < ROUNDS * USERS; i++) {
    yield { user: `user-${i % users}`, amount: 0, note: noteOf(i), timestamp: BASE + 1_000 }
  }
}

/** Does not compress: what state takes on the disk is what it is. */
function noteOf(i: number): string {
  const head = String(i).padStart(12, '0')
  const at = Math.imul(i + 1, 2_654_435_761) >>> 0
  return head + NOISE.slice(at % (NOISE.length - NOTE_BYTES)).slice(0, NOTE_BYTES - head.length)
}

/** Longer than what compression looks back over. */
function noise(): string {
  let seed = 1
  let text = ''
  while (text.length < 4 * MIB) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    text += seed.toString(36)
  }
  return text
}

/** By arithmetic. */
function wrongResults(results: ReadonlyMap<string, string>, users: number): number {
  const total = ROUNDS * USERS
  let wrong = 0
  for (let user = 0; user < users; user++) {
    const n = Math.floor((total - 1 - user) / users) + 1
    const last = user + (n - 1) * users
    const expected = `${n} ${noteOf(last).slice(0, 24)} ${NOTE_BYTES}`
    if (results.get(`user-${user}`) !== expected) wrong++
  }
  return wrong
}
