/**
 * A story of accidents, told again from its seed: an application in one or two processes, input in
 * pieces, and whatever may happen to a process or a call in between.
 *
 * The last page is always the same: everything comes back, time goes on until every window has
 * closed, and the outputs are compared with what follows from the input alone. Every window must be
 * there with its right value; under exactly-once, once.
 */
import { MillraceError } from '../errors.ts'
import { FAULT_POINTS, type FaultPoint } from '../transport/in-memory/fault-plan.ts'
import { below, seededRandom } from './conformance/seeded-random.ts'
import { type Fed, findings, HORIZON, PARTITIONS, type Program, teamOf } from './crash-oracle.ts'
import { type Opened, opened } from './crash-program.ts'
import { LastingState } from './lasting-state.ts'
import { TestDriver } from './test-driver.ts'

export interface Story {
  readonly seed: number
  readonly program: Program
  readonly guarantee: 'at-least-once' | 'exactly-once'
  readonly state: 'memory' | 'lasting'
  /** What the clock decides: nothing, or that silence lasts and windows close. */
  readonly silence: 'none' | 'decided'
  readonly steps: number
}

const PLACES = ['a', 'b'] as const
export type Place = (typeof PLACES)[number]

const USERS = ['ann', 'abe', 'bob', 'ben', 'cid', 'cem'] as const
/** What a process may end with when the world is bad; it is started again. */
const MAY_END_WITH = new Set(['FENCED', 'BROKER_UNREACHABLE', 'BROKER_REFUSED', 'DELIVERY_FAILED'])

/** What went wrong, a line each; none = all is right. */
export async function tell(story: Story): Promise<string[]> {
  const world = new World(story)
  try {
    for (let step = 0; step < story.steps; step++) await world.step()
    return await world.end()
  } catch (error) {
    return [`it ended with ${String(error)}`]
  }
}

/**
 * A process that sleeps while its windows fall due by silence and another joins: it wakes up to
 * take the decision and to give a partition away. Gives the windows that came out, which are two.
 */
export async function sleepThroughDecision(): Promise<string[]> {
  const story: Story = {
    seed: 0,
    program: 'keyed',
    guarantee: 'exactly-once',
    state: 'memory',
    silence: 'decided',
    steps: 0,
  }
  const driver = new TestDriver({ partitions: 2 })
  const [first, second] = PLACES.map(place => opened(driver, story, new LastingState(), place))
  const { app, input, output } = first as Opened
  await driver.start(app)
  const sale = { id: 1, team: 'a', amount: 5 }
  await driver.feed(input, [
    { key: 'ann', value: { ...sale, user: 'ann' }, timestamp: 1_000, partition: 0 },
    { key: 'abe', value: { ...sale, user: 'abe' }, timestamp: 1_000, partition: 1 },
  ])
  await driver.advance('1s')
  const goOn = driver.broker.hang(driver.clientOf(app) as string)
  await driver.advance('30s')
  await driver.start((second as Opened).app)
  goOn()
  await driver.advance('5s')
  await driver.stop()
  const windows = await driver.read(output)
  return windows.map(({ value }) => `${(value as { user: string }).user}`).sort()
}

class World {
  readonly #story: Story
  readonly #random: () => number
  readonly #driver = new TestDriver({ partitions: PARTITIONS })
  readonly #disk = new LastingState()
  readonly #processes = new Map<Place, Opened>()
  readonly #frozen: (() => Promise<void>)[] = []
  readonly #planted: (() => void)[] = []
  readonly #fed: Fed[] = []
  readonly #topics: Opened
  #time = 0

  constructor(story: Story) {
    this.#story = story
    this.#random = seededRandom(story.seed)
    this.#topics = opened(this.#driver, story, this.#disk, 'a')
  }

  /** One thing happens. */
  async step(): Promise<void> {
    const acts: readonly [weight: number, act: () => unknown][] = [
      [8, () => this.#feed()],
      [8, () => this.#survive(() => this.#driver.advance(200 + this.#below(2_000)))],
      [5, () => this.#start()],
      [3, () => this.#plantCrash()],
      [1, () => this.#crashNow()],
      [1, () => this.#plantFailure()],
      [1, () => this.#failDelivery()],
      [1, () => this.#driver.broker.loseNextCommitAnswer(this.#random() < 0.5)],
      [1, () => this.#expel()],
      [1, () => this.#freeze(this.#pick(PLACES))],
      [1, () => this.#plantFreeze()],
      [2, () => this.#hang()],
      [2, () => this.#thaw()],
      [1, () => this.#stopOne()],
    ]
    let at = this.#below(acts.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, act] of acts) {
      if (at < weight) return void (await act())
      at -= weight
    }
  }

  /** Everything comes back, every window closes; gives what is wrong. */
  async end(): Promise<string[]> {
    for (const takeBack of this.#planted.splice(0)) takeBack()
    while (this.#frozen.length > 0) await this.#thaw()
    const { silence } = this.#story
    const closers = Array.from({ length: PARTITIONS }, (_, partition) =>
      this.#record(`z${partition}`, partition, HORIZON + 24 * 3_600_000),
    )
    if (silence === 'none') await this.#append(closers)
    // A process may end with the failure that was still planted; a transaction may have to end.
    const rounds = silence === 'none' ? 4 : 20
    for (let round = 0; round < rounds; round++) {
      await this.#start()
      await this.#survive(() => this.#driver.advance('6s'))
    }
    return this.#findings()
  }

  async #feed(): Promise<void> {
    const count = 1 + this.#below(12)
    const records = Array.from({ length: count }, () => {
      this.#time += this.#below(900)
      const at = this.#below(USERS.length)
      const back = this.#random() < 0.1 ? this.#below(30_000) : this.#below(2_500)
      const partition = this.#isKeyed ? at % PARTITIONS : this.#below(PARTITIONS)
      return this.#record(USERS[at] as string, partition, Math.max(0, this.#time - back))
    })
    await this.#append(records)
  }

  get #isKeyed(): boolean {
    return this.#story.program === 'keyed' || this.#story.program === 'stacked'
  }

  #record(user: string, partition: number, timestamp: number): Fed {
    return { id: this.#fed.length, user, amount: 1 + this.#below(100), partition, timestamp }
  }

  async #append(records: readonly Fed[]): Promise<void> {
    const numbered = records.map((record, i) => ({ ...record, id: this.#fed.length + i }))
    this.#fed.push(...numbered)
    const rows = numbered.map(({ id, user, amount, partition, timestamp }) => ({
      ...(this.#isKeyed && { key: user }),
      value: { id, user, team: teamOf(user), amount },
      partition,
      timestamp,
    }))
    await this.#survive(() => this.#driver.feed(this.#topics.input, rows))
  }

  /** Starts what does not run: one process at least, two at times. */
  async #start(): Promise<void> {
    for (const place of PLACES) {
      const known = this.#processes.get(place)
      if (known !== undefined && known.app.status().state !== 'stopped') continue
      if (place === 'b' && this.#random() < 0.5) continue
      const process = opened(this.#driver, this.#story, this.#disk, place)
      this.#processes.set(place, process)
      await this.#survive(() => this.#driver.start(process.app))
    }
  }

  /** Whoever makes a certain call next but some is killed in it. */
  #plantCrash(): void {
    this.#plant(this.#pick(FAULT_POINTS), place => this.#crash(place))
  }

  /** Whoever ends a transaction next but some is stopped in it, for longer than its session. */
  #plantFreeze(): void {
    const point = this.#pick(['send-offsets', 'end-commit', 'end-commit', 'offsets'] as const)
    this.#plant(point, place => this.#freeze(place))
  }

  #plant(point: FaultPoint, act: (place: Place) => void): void {
    const moment = this.#pick(['before', 'after'] as const)
    const { faults } = this.#driver.broker
    const onCall = ({ clientId }: { readonly clientId: string }): void => {
      for (const [place, { app }] of this.#processes) {
        if (this.#driver.clientOf(app) === clientId) act(place)
      }
    }
    this.#planted.push(faults[moment](point, onCall, { skip: this.#below(4) }))
  }

  #crashNow(): void {
    const place = this.#pick(PLACES)
    if (this.#processes.get(place)?.app.status().state === 'running') this.#crash(place)
  }

  #crash(place: Place): void {
    const app = this.#processes.get(place)?.app
    this.#processes.delete(place)
    if (app !== undefined) this.#driver.crash(app)
  }

  #plantFailure(): void {
    const fail = (): never => {
      throw new MillraceError('BROKER_UNREACHABLE', 'the story says so.', { retriable: true })
    }
    const point = this.#pick(['write', 'flush', 'send-offsets', 'end-commit', 'poll'] as const)
    const skip = this.#below(3)
    this.#planted.push(this.#driver.broker.faults.before(point, fail, { skip }))
  }

  #failDelivery(): void {
    const { broker } = this.#driver
    const read = [...this.#processes.values()].flatMap(({ app }) => app.status().tasks)
    const internal = read.flatMap(({ topic }) => [
      topic,
      topic?.replace('repartition', 'changelog'),
    ])
    const topics = ['output', 'story.input.changelog', ...internal].flatMap(topic => topic ?? [])
    const written = topics.filter(
      topic => topic !== 'input' && broker.partitionCount(topic) !== null,
    )
    if (written.length > 0) broker.failNextDelivery(this.#pick(written))
  }

  async #expel(): Promise<void> {
    const { broker } = this.#driver
    const members = broker.members('story')
    if (members.length === 0) return
    broker.expel('story', this.#pick(members))
    await this.#survive(() => this.#driver.advance(0))
  }

  #freeze(place: Place): void {
    const app = this.#processes.get(place)?.app
    if (app === undefined || this.#driver.clientOf(app) === null) return
    this.#frozen.push(this.#driver.freeze(app))
  }

  /** For less than its session lasts: nobody expels it. */
  #hang(): void {
    const app = this.#processes.get(this.#pick(PLACES))?.app
    const client = app === undefined ? null : this.#driver.clientOf(app)
    if (client === null) return
    const goOn = this.#driver.broker.hang(client)
    this.#frozen.push(async () => {
      goOn()
      await this.#driver.advance(0)
    })
  }

  async #thaw(): Promise<void> {
    const goOn = this.#frozen.shift()
    if (goOn !== undefined) await this.#survive(goOn)
  }

  async #stopOne(): Promise<void> {
    this.#processes.get(this.#pick(PLACES))?.app.stop()
    await this.#survive(() => this.#driver.advance(0))
  }

  /** A process may end with what the world did to it. */
  async #survive(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!MillraceError.is(error) || !MAY_END_WITH.has(error.code)) throw error
    }
  }

  async #findings(): Promise<string[]> {
    const { program, guarantee, silence } = this.#story
    const windows = new Map<string, string[]>()
    for (const { value } of await this.#driver.read(this.#topics.output)) {
      const row = value as Record<string, unknown>
      const who = row[program === 'two-levels' ? 'team' : 'user']
      const key = `${who}@${row['window_start']}`
      windows.set(key, [...(windows.get(key) ?? []), `${row['n']}/${row['total']}`])
    }
    const late = (await this.#driver.read(this.#topics.late)).map(
      ({ value }) => (value as { id: number }).id,
    )
    const rules = {
      program,
      isOnce: guarantee === 'exactly-once',
      isDecided: silence === 'decided',
    }
    return findings(this.#fed, { windows, late }, rules)
  }

  #below(limit: number): number {
    return below(this.#random, limit)
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }
}
