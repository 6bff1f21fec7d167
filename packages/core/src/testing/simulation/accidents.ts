/**
 * What may happen in a story, and how often: input and time, processes that come and go, and the
 * accidents of processes, calls and disks. A row of the table is one kind of thing.
 */
import { MillraceError } from '../../errors.ts'
import { CHECKPOINT_STEPS } from '../../runtime/checkpoint-step.ts'
import { FAULT_POINTS, type FaultPoint } from '../../transport/in-memory/fault-plan.ts'
import { assert } from '../../util/assert.ts'
import { DISK_ACCIDENTS } from './disk-accidents.ts'
import { programOf } from './programs/index.ts'
import { PARTITIONS } from './programs/sale.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { PLACES } from './story.ts'
import type { World } from './world.ts'

export interface Accident {
  readonly name: string
  readonly weight: number
  happens(world: World): Promise<void> | void
}

const USERS = ['ann', 'abe', 'bob', 'ben', 'cid', 'cem'] as const
const MOMENTS = ['before', 'after'] as const
const SESSION_MS = 10_000

/** Without these there is no story. */
const COURSE: readonly Accident[] = [
  { name: 'records come', weight: 16, happens: feed },
  {
    name: 'time goes on',
    weight: 16,
    happens: world => world.advance(200 + world.chance.below(2_000)),
  },
  {
    name: 'it is silent for long',
    weight: 3,
    happens: world => world.advance(3_000 + world.chance.below(15_000)),
  },
  { name: 'what does not run is started', weight: 10, happens: world => world.start() },
]

const ACCIDENTS: readonly Accident[] = [
  { name: 'a kill is planted in a call', weight: 4, happens: plantKill },
  { name: 'a kill is planted at a step of the checkpoint', weight: 5, happens: plantKillAtStep },
  { name: 'somebody is killed', weight: 2, happens: kill },
  { name: 'a failure is planted in a call', weight: 2, happens: plantFailure },
  { name: 'a delivery will fail', weight: 2, happens: failDelivery },
  { name: 'the answer to a commit will be lost', weight: 2, happens: loseAnswer },
  { name: 'a member is expelled', weight: 2, happens: expel },
  {
    name: 'somebody sleeps longer than its session',
    weight: 2,
    happens: world => freeze(world, true),
  },
  { name: 'somebody sleeps', weight: 3, happens: world => freeze(world, false) },
  { name: 'another comes while somebody sleeps', weight: 2, happens: sleepThroughJoin },
  { name: 'a sleep is planted in a call', weight: 2, happens: plantSleep },
  { name: 'a sleep is planted at a step of the checkpoint', weight: 6, happens: plantSleepAtStep },
  {
    name: 'somebody sleeps in a commit while windows fall due by silence',
    weight: 3,
    happens: sleepInSilence,
  },
  { name: 'a sleeper goes on', weight: 5, happens: wake },
  { name: 'somebody stops', weight: 2, happens: stop },
  { name: 'all are replaced in turn', weight: 1, happens: replaceAll },
  { name: 'many come and go', weight: 1, happens: storm },
  { name: 'the broker is away for a while', weight: 1, happens: bounce },
  { name: 'a foreign transaction is open on the input', weight: 1, happens: holdInput },
  { name: 'the input gets a gap', weight: 1, happens: leaveGap },
  { name: 'changelogs are compacted', weight: 1, happens: compact },
  ...DISK_ACCIDENTS,
]

/** What may happen in a story, each as often as its weight says. */
export function possible(names: readonly string[] | undefined): readonly Accident[] {
  if (names === undefined) return [...COURSE, ...ACCIDENTS]
  const chosen = ACCIDENTS.filter(({ name }) => names.includes(name))
  assert(chosen.length === names.length, `${names} are names of accidents`)
  return [...COURSE, ...chosen]
}

async function feed(world: World): Promise<void> {
  const { chance, story } = world
  const { isKeyed } = programOf(story.program)
  const count = 1 + chance.below(12)
  const sales = Array.from({ length: count }, () => {
    world.eventTime += chance.below(900)
    const at = chance.below(USERS.length)
    const back = chance.happens(0.1) ? chance.below(30_000) : chance.below(2_500)
    const partition = isKeyed ? at % PARTITIONS : chance.below(PARTITIONS)
    const timestamp = Math.max(0, world.eventTime - back)
    return { user: USERS[at] as string, amount: 1 + chance.below(100), partition, timestamp }
  })
  await world.feed(sales)
}

function plantKill(world: World): void {
  const kill = killer(world)
  plant(world, world.chance.pick(FAULT_POINTS), kill)
}

/** Noticed at once, or when the session is over. */
function killer(world: World): (process: SimulatedProcess) => void {
  const noticedAfterMs = world.chance.happens(0.3) ? SESSION_MS : 0
  return process => world.crash(process, noticedAfterMs)
}

/** For longer than its session or not; until it is woken, or for some seconds. */
function sleeper(world: World): (process: SimulatedProcess) => void {
  const { chance, driver } = world
  const isExpelled = chance.happens(0.7)
  const wakesAfterMs = chance.happens(0.6) ? chance.below(9_000) : null
  return process => {
    const goOn = world.freeze(process, isExpelled)
    if (wakesAfterMs === null) return
    void driver.clock.sleep(wakesAfterMs).then(() => {
      if (!world.isNight) goOn()
    })
  }
}

function plantSleep(world: World): void {
  const point = world.chance.pick(['send-offsets', 'end-commit', 'end-commit', 'offsets'] as const)
  plant(world, point, sleeper(world))
}

/** Whoever makes a certain call next but some falls in. */
function plant(world: World, point: FaultPoint, act: (process: SimulatedProcess) => void): void {
  const { chance, traps, driver } = world
  const moment = chance.pick(MOMENTS)
  const skip = chance.below(4)
  world.note(`${moment} ${point}, after ${skip}`)
  const onCall = ({ clientId }: { readonly clientId: string }): void => {
    for (const process of [...world.processes.values()]) {
      if (process.name === clientId) act(process)
    }
  }
  traps.elsewhere(driver.broker.faults[moment](point, onCall, { skip }))
}

function plantKillAtStep(world: World): void {
  plantAtStep(world, killer(world))
}

function plantSleepAtStep(world: World): void {
  plantAtStep(world, sleeper(world))
}

function plantAtStep(world: World, act: (process: SimulatedProcess) => void, skipped = 3): void {
  const { chance, traps } = world
  const [step, moment] = [chance.pick(CHECKPOINT_STEPS), chance.pick(MOMENTS)]
  const skip = chance.below(skipped)
  world.note(`${moment} ${step}, after ${skip}`)
  traps.atStep(step, moment, skip, act)
}

/** Nothing moves but time: commits of decisions, in which no offset moves. */
async function sleepInSilence(world: World): Promise<void> {
  // The first commits are those of the records before, and of the silence.
  plantAtStep(world, sleeper(world), 14)
  await world.start()
  await world.advance(3_000 + world.chance.below(15_000))
}

function kill(world: World): void {
  const process = world.anyAwake()
  if (process !== null) killer(world)(process)
}

function plantFailure(world: World): void {
  const { chance, traps, driver } = world
  const fail = (): never => {
    throw new MillraceError('BROKER_UNREACHABLE', 'the story says so.', { retriable: true })
  }
  const point = chance.pick(['write', 'flush', 'send-offsets', 'end-commit', 'poll'] as const)
  const skip = chance.below(3)
  world.note(`${point}, after ${skip}`)
  traps.elsewhere(driver.broker.faults.before(point, fail, { skip }))
}

function failDelivery(world: World): void {
  const { broker } = world.driver
  const written = broker.topics().filter(topic => topic !== 'input')
  if (written.length > 0) broker.failNextDelivery(world.chance.pick(written))
}

function loseAnswer(world: World): void {
  world.driver.broker.loseNextCommitAnswer(world.chance.happens(0.5))
}

async function expel(world: World): Promise<void> {
  const { broker } = world.driver
  const members = broker.members('story')
  if (members.length === 0) return
  broker.expel('story', world.chance.pick(members))
  await world.advance(0)
}

function freeze(world: World, isExpelled: boolean): void {
  const process = world.anyAwake()
  if (process !== null) world.freeze(process, isExpelled)
}

/** Long enough for windows to fall due by silence: who sleeps has a decision to take then. */
async function sleepThroughJoin(world: World): Promise<void> {
  const sleeper = world.anyAwake()
  if (sleeper === null) return
  const places = PLACES.slice(0, world.story.processes)
  const place = places.find(each => world.processes.get(each)?.isRunning !== true)
  if (place === undefined) return
  const goOn = world.freeze(sleeper, false)
  await world.advance(world.chance.below(30_000))
  await world.startAt(place)
  goOn()
  await world.advance(world.chance.below(1_000))
}

async function wake(world: World): Promise<void> {
  world.stopped.shift()?.()
  await world.advance(0)
}

async function stop(world: World): Promise<void> {
  world.anyAwake()?.app.stop()
  await world.advance(0)
}

/** As a rolling deployment does. */
async function replaceAll(world: World): Promise<void> {
  for (const process of [...world.processes.values()]) {
    if (world.driver.broker.isHanging(process.name)) continue
    process.app.stop()
    await world.advance(world.chance.below(300))
    if (!process.isRunning) await world.startAt(process.place)
  }
}

async function storm(world: World): Promise<void> {
  const { chance } = world
  for (let i = 0; i < 8; i++) {
    const place = chance.pick(PLACES.slice(0, world.story.processes))
    const process = world.processes.get(place)
    if (process?.isRunning !== true) await world.startAt(place)
    else if (world.driver.broker.isHanging(process.name)) continue
    else if (chance.happens(0.3)) killer(world)(process)
    else process.app.stop()
    await world.advance(chance.below(400))
  }
}

async function bounce(world: World): Promise<void> {
  const { broker } = world.driver
  broker.breakConnections()
  world.lasting.push(() => broker.heal())
  await world.advance(world.chance.below(2_000))
  broker.heal()
  await world.advance(0)
}

function holdInput(world: World): void {
  const { driver, chance } = world
  const release = driver.broker.holdTransaction('input', chance.below(PARTITIONS))
  world.lasting.push(release)
  void driver.clock.sleep(chance.below(5_000)).then(release)
}

function leaveGap(world: World): void {
  const { chance, driver } = world
  driver.broker.skipOffsets('input', chance.below(PARTITIONS), 1 + chance.below(3))
}

function compact(world: World): void {
  world.compactChangelogs(false)
}
