/**
 * A process of a simulation: an application with its line to the broker, its disk and its sink.
 *
 * Everything it does outside itself goes through `pass`, so that a process that was killed or
 * stopped does nothing more, at whatever step of a checkpoint, call or write that happened.
 */
import { Application } from '../../api/application.ts'
import type { Topic } from '../../api/topic.ts'
import type { CheckpointStep } from '../../runtime/checkpoint-step.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/scalars.ts'
import type { Source } from '../../source/source.ts'
import { memoryState } from '../../state/memory-backend.ts'
import type { InMemoryBroker } from '../../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../../transport/in-memory/in-memory-transport.ts'
import type { TestDriver } from '../test-driver.ts'
import { watchCheckpoint } from '../watch-checkpoint.ts'
import type { Pace } from './pace.ts'
import type { Planted } from './planted/planted.ts'
import { programOf } from './programs/index.ts'
import { DISORDER, SALE, type SaleRow } from './programs/sale.ts'
import type { DiskMoment, SimulatedDisk } from './simulated-disk.ts'
import type { SimulatedSink } from './simulated-sink.ts'
import { simulatedSource } from './simulated-source.ts'
import type { Place, Story } from './story.ts'

/** Longer than any story. */
const NEVER_MS = 1_000 * 24 * 3_600_000

export interface ProcessWorld {
  readonly story: Story
  readonly driver: TestDriver
  readonly disk: SimulatedDisk
  readonly sink: SimulatedSink
  readonly pace: Pace
  /** A bug that every process has; null = none. */
  readonly bug: Planted | null
  onStep(process: SimulatedProcess, step: CheckpointStep, moment: 'before' | 'after'): void
  onWrite(process: SimulatedProcess, moment: DiskMoment): void
}

export interface StoryTopics {
  readonly input: Topic<SaleRow>
  readonly output: Topic
  readonly late: Topic
}

export class SimulatedProcess {
  readonly place: Place
  /** What the broker calls it. */
  readonly name: string
  readonly app: Application
  readonly topics: StoryTopics
  /** Killed: it never goes on. */
  isDead = false
  readonly #broker: InMemoryBroker
  readonly #pace: Pace

  constructor(place: Place, name: string, world: ProcessWorld) {
    this.place = place
    this.name = name
    this.#broker = world.driver.broker
    this.#pace = world.pace
    this.app = this.#application(world)
    this.topics = topicsOf(this.app, world.story)
    attach(this, world)
    watchCheckpoint(this.app, async (step, moment) => {
      await this.pass()
      await world.bug?.onStep?.(this.app, step, moment)
      world.onStep(this, step, moment)
      await this.pass()
    })
  }

  get isRunning(): boolean {
    return this.app.status().state !== 'stopped'
  }

  /** Settles when the process may go on; never, once it is dead. */
  readonly pass = async (): Promise<void> => {
    await this.#pace.pause()
    if (this.#broker.clients().includes(this.name)) await this.#broker.awake(this.name)
  }

  #application({ story, driver, disk, bug, onWrite }: ProcessWorld): Application {
    const broker = inMemory(driver.broker, { clientId: this.name })
    const lasting = disk.at(this.place, {
      pass: this.pass,
      onWrite: moment => onWrite(this, moment),
    })
    const state = story.state === 'memory' ? memoryState() : lasting
    return new Application({
      id: 'story',
      ...driver.options,
      broker: bug?.transport?.(broker) ?? broker,
      state: bug?.state?.(state) ?? state,
      guarantee: story.guarantee,
      batchRecordsMax: story.batchRecordsMax,
      stateBytesMax: story.stateBytesMax,
    })
  }
}

function topicsOf(app: Application, { program, silence }: Story): StoryTopics {
  const { isKeyed } = programOf(program)
  const idle = silence === 'none' ? NEVER_MS : 2_000
  const options = { value: json(SALE), disorder: DISORDER, idle } as const
  const input = isKeyed
    ? app.topic('input', { ...options, key: string(), keyColumn: 'user' })
    : app.topic('input', options)
  const output = app.topic('output', { create: { partitions: 2 } })
  const late = app.topic('late', { create: { partitions: 1 } })
  return { input: input as Topic<SaleRow>, output, late }
}

function attach({ app, topics, pass }: SimulatedProcess, world: ProcessWorld): void {
  const { story, sink, driver } = world
  const { isSourced, build } = programOf(story.program)
  const source = (): Source<SaleRow> => simulatedSource(driver.broker, driver.clock, pass)
  const sales = isSourced
    ? app.dataframe(source(), { resume: 'input' })
    : app.dataframe(topics.input)
  build(sales, {
    results: frame => {
      frame.toTopic(topics.output)
      frame.sink(sink.by(pass))
    },
    late: frame => frame.toTopic(topics.late),
  })
}
