/**
 * The world of a story: the broker, disks and sink, the processes, and what was fed.
 *
 * `accidents.ts` is the table of what may happen in it, `last-page.ts` how it ends.
 */
import { MillraceError } from '../../errors.ts'
import { SILENT } from '../../runtime/logger.ts'
import { FAULT_POINTS } from '../../transport/in-memory/fault-plan.ts'
import { TestDriver } from '../test-driver.ts'
import { possible } from './accidents.ts'
import { Chance } from './chance.ts'
import { Pace } from './pace.ts'
import type { Planted } from './planted/planted.ts'
import { programOf } from './programs/index.ts'
import { PARTITIONS, type Sale, teamOf } from './programs/sale.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedProcess, type StoryTopics } from './simulated-process.ts'
import { SimulatedSink } from './simulated-sink.ts'
import { PLACES, type Place, type Story, type TellOptions } from './story.ts'
import { Traps } from './traps.ts'

/** What a process may end with when the world is bad; it is started again. */
const MAY_END_WITH = new Set([
  'FENCED',
  'BROKER_UNREACHABLE',
  'BROKER_REFUSED',
  'DELIVERY_FAILED',
  // The disk is full.
  'STATE_UNUSABLE',
])

/** An application that takes longer to come to rest goes round in circles. */
const TURNS_MAX = 100_000

export class World {
  readonly story: Story
  readonly chance: Chance
  readonly driver: TestDriver
  readonly disk: SimulatedDisk = new SimulatedDisk()
  readonly sink: SimulatedSink = new SimulatedSink()
  readonly pace: Pace
  readonly bug: Planted | null
  readonly traps: Traps = new Traps()
  readonly processes: Map<Place, SimulatedProcess> = new Map()
  /** Lets those go on that were stopped, the first first. */
  readonly stopped: (() => void)[] = []
  /** Ends what lasts for a while: a full disk, a transaction that is held. */
  readonly lasting: (() => void)[] = []
  readonly sales: Sale[] = []
  readonly happened: string[] = []
  readonly topics: StoryTopics
  /** Somebody slept longer than its session lasts. */
  hadZombies = false
  /** How many processes ended with what the world did to them. */
  endings = 0
  /** Nobody wakes up by itself. */
  isNight = false
  /** How far event time has come in what was fed. */
  eventTime = 0
  #started = 0
  #step = 0

  constructor(story: Story, { bug = null, log = SILENT }: TellOptions) {
    this.story = story
    this.bug = bug
    this.driver = new TestDriver({ partitions: PARTITIONS, turnsMax: TURNS_MAX, log })
    this.chance = new Chance(story.seed)
    this.pace = new Pace(story.pace, new Chance(~story.seed))
    this.topics = new SimulatedProcess('a', 'nobody', this).topics
    this.driver.broker.createTopic('input', PARTITIONS)
    this.#share()
  }

  /** One thing happens. */
  async step(): Promise<void> {
    this.#step++
    const acts = possible(this.story.accidents)
    let at = this.chance.below(acts.reduce((sum, { weight }) => sum + weight, 0))
    for (const { name, weight, happens } of acts) {
      if (at < weight) {
        this.note(name)
        return await happens(this)
      }
      at -= weight
    }
  }

  note(text: string): void {
    this.happened.push(`${this.#step}: ${text}`)
  }

  /** No accident is on its way any more, and nobody sleeps. */
  async calmDown(): Promise<void> {
    this.pace.calmDown()
    this.traps.clear()
    for (const end of this.lasting.splice(0)) end()
    for (const goOn of this.stopped.splice(0)) {
      goOn()
      await this.advance(0)
    }
  }

  async feed(sales: readonly Omit<Sale, 'id'>[]): Promise<void> {
    const numbered = sales.map((sale, i) => ({ ...sale, id: this.sales.length + i }))
    this.sales.push(...numbered)
    const { isKeyed } = programOf(this.story.program)
    const records = numbered.map(({ id, user, amount, partition, timestamp }) => ({
      ...(isKeyed && { key: user }),
      value: { id, user, team: teamOf(user), amount },
      partition,
      timestamp,
    }))
    await this.survive(() => this.driver.feed(this.topics.input, records))
  }

  async advance(ms: number): Promise<void> {
    await this.survive(() => this.driver.advance(ms))
  }

  /** Starts what does not run: the first process for certain, the others perhaps. */
  async start(): Promise<void> {
    for (const place of PLACES.slice(0, this.story.processes)) {
      if (this.processes.get(place)?.isRunning) continue
      if (place !== 'a' && this.chance.happens(0.5)) continue
      await this.startAt(place)
    }
  }

  async startAt(place: Place): Promise<void> {
    const process = new SimulatedProcess(place, `${place}${++this.#started}`, this)
    this.processes.set(place, process)
    this.note(`${process.name} starts`)
    await this.survive(() => this.driver.start(process.app))
  }

  /** A process that runs and does not hang. */
  anyAwake(): SimulatedProcess | null {
    const awake = [...this.processes.values()].filter(({ app, name }) => {
      const client = this.driver.clientOf(app)
      return client === name && !this.driver.broker.isHanging(name)
    })
    return awake.length === 0 ? null : this.chance.pick(awake)
  }

  /** As `kill -9`, and perhaps the machine with it. */
  crash(process: SimulatedProcess, noticedAfterMs = 0): void {
    if (this.driver.clientOf(process.app) === null) return
    this.note(`${process.name} is killed`)
    process.isDead = true
    if (this.processes.get(process.place) === process) this.processes.delete(process.place)
    this.driver.crash(process.app, { noticedAfter: noticedAfterMs })
  }

  /**
   * As SIGSTOP; with `isExpelled` for longer than its session lasts. Gives what lets it go on, now
   * or in its turn.
   */
  freeze(process: SimulatedProcess, isExpelled: boolean): () => void {
    const { app, name } = process
    const { broker } = this.driver
    if (this.driver.clientOf(app) === null || broker.isHanging(name)) return () => {}
    this.note(`${name} is stopped${isExpelled ? ', and out of its group' : ''}`)
    const wake = broker.hang(name)
    if (isExpelled) {
      broker.expelClient(name)
      this.hadZombies = true
    }
    let isAsleep = true
    const goOn = (): void => {
      if (process.isDead || !isAsleep) return
      isAsleep = false
      this.note(`${name} goes on`)
      wake()
    }
    this.stopped.push(goOn)
    return goOn
  }

  /** A process may end with what the world did to it. */
  async survive(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!MillraceError.is(error) || !MAY_END_WITH.has(error.code)) throw error
      this.endings++
      this.note(`ended with ${error.message}`)
    }
  }

  readonly onStep = (...[process, step, moment]: Parameters<Traps['onStep']>): void =>
    this.traps.onStep(process, step, moment)

  readonly onWrite = (...[process, moment]: Parameters<Traps['onWrite']>): void =>
    this.traps.onWrite(process, moment)

  /** As the broker does by itself: the last record of each key stays. */
  compactChangelogs(dropTombstones: boolean): void {
    const { broker } = this.driver
    for (const topic of broker.topics().filter(name => /\.(changelog|source)$/.test(name))) {
      const count = broker.partitionCount(topic) as number
      for (let p = 0; p < count; p++) broker.compact(topic, p, { dropTombstones })
    }
  }

  /** Every record there is. */
  logs(): string {
    const { broker } = this.driver
    const texts = broker.topics().flatMap(topic =>
      broker.read(topic).map(({ partition, offset, key, value, timestamp }) => {
        const [k, v] = [key, value].map(bytes => bytes && Buffer.from(bytes).toString('latin1'))
        return `${topic}/${partition}@${offset} ${timestamp} ${k} = ${v}`
      }),
    )
    return texts.join('\n')
  }

  /** Calls wait, and partitions are read, as the seed says. */
  #share(): void {
    if (this.pace.isCalm) return
    const { broker } = this.driver
    const order = new Chance(this.story.seed + 1)
    broker.readOrder = partitions => order.shuffled(partitions)
    const wait = { times: Number.POSITIVE_INFINITY }
    for (const point of FAULT_POINTS) {
      broker.faults.before(point, () => this.pace.pause(), wait)
      broker.faults.after(point, () => this.pace.pause(), wait)
    }
  }
}
