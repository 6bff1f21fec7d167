/**
 * Runs an application in a test, with a broker in memory and a clock that the test moves.
 *
 * Every call comes back when the application is at rest: it has read, computed and committed all it
 * can without more input or more time. Real time plays no part, and nothing is random, so a test
 * gives the same result each time. Records go through the same bytes, topics, tasks and commits as
 * on Kafka.
 *
 * At rest = each run waits with nothing to do and has done so for some turns of the event loop in
 * which its loop did not go round (a rebalance gives way for one turn between its steps).
 */
import type { Application } from '../api/application.ts'
import { type ApplicationInternals, internalsOf } from '../api/application-internals.ts'
import type { ApplicationRunOptions } from '../api/application-run-options.ts'
import type { Topic } from '../api/topic.ts'
import { type Row, rowsOf } from '../batch/row.ts'
import { MillraceError } from '../errors.ts'
import { type Logger, SILENT } from '../runtime/logger.ts'
import { InMemoryBroker } from '../transport/in-memory/in-memory-broker.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import type { TransportFactory } from '../transport/transport.ts'
import { type Duration, durationMs } from '../util/duration.ts'
import { partitionOfKey } from '../util/murmur2.ts'
import { decodeRecords, encodeRecord, type RecordRead, type RecordToFeed } from './driver-topic.ts'
import { ManualClock } from './manual-clock.ts'

export interface TestDriverOptions {
  /** Wall time to begin with, epoch milliseconds or a Date. Default 2026-01-01T00:00:00Z. */
  readonly startAt?: number | Date
  /** Partitions of the topics that say nothing of it (`create`). Default 1. */
  readonly partitions?: number
  /** Where the application logs. Default: nowhere. */
  readonly log?: Logger
  /**
   * Turns of the event loop in which applications must come to rest, or the call fails. Default:
   * no bound.
   */
  readonly turnsMax?: number
}

export interface TestRunOptions extends ApplicationRunOptions {
  /**
   * False: the plan runs as it was written, without the optimiser's rules; results are the same.
   * Default true.
   */
  readonly rules?: boolean
  /**
   * False: expressions are interpreted instead of run as generated code; results are the same.
   * Default true.
   */
  readonly generated?: boolean
}

/** Options of an application under test; spread them into those of the application. */
export interface DrivenOptions {
  readonly broker: TransportFactory
  readonly clock: ManualClock
  readonly log: Logger
}

interface Running {
  readonly application: Application
  readonly internals: ApplicationInternals
  /** What the broker calls its process; null = it uses another broker. */
  readonly clientId: string | null
  /** Settles with the run; never rejects. */
  readonly ended: Promise<void>
}

const START_AT = Date.UTC(2026, 0, 1)
const REST_TURNS = 4

/**
 * Drives an application through feeding records and moving time.
 *
 * @example
 * const driver = new TestDriver()
 * const app = new Application({ id: 'shop', ...driver.options })
 * const sales = app.topic('sales', { value: json(schema({ shop: t.string(), n: t.int32() })) })
 * const totals = app.topic('totals')
 * app.dataframe(sales).groupBy('shop').window(tumbling('10s'))
 *   .agg(c => ({ n: sum(c.n) })).final().toTopic(totals)
 *
 * await driver.start(app)
 * await driver.feed(sales, [{ value: { shop: 'a', n: 2 }, timestamp: 1_000 }])
 * await driver.advance('30s')
 * const [total] = await driver.read(totals)
 * await driver.stop()
 */
export class TestDriver {
  readonly clock: ManualClock
  /** The broker, for what the driver has no call for: breaking connections, trimming, expelling. */
  readonly broker: InMemoryBroker
  readonly options: DrivenOptions
  readonly #partitions: number
  readonly #turnsMax: number
  readonly #running = new Set<Running>()
  /** The offset to read next, by topic and partition. */
  readonly #read = new Map<string, number[]>()
  /** Per topic, the turn of the next record without a key. */
  readonly #turns = new Map<string, number>()
  #failure: { readonly error: unknown } | null = null

  constructor(options: TestDriverOptions = {}) {
    const { startAt = START_AT, partitions = 1, log = SILENT } = options
    this.#turnsMax = options.turnsMax ?? Number.POSITIVE_INFINITY
    this.clock = new ManualClock(Number(startAt))
    this.broker = new InMemoryBroker({ clock: this.clock })
    this.options = Object.freeze({ broker: inMemory(this.broker), clock: this.clock, log })
    this.#partitions = partitions
  }

  /**
   * Runs an application in the background; topics it names are created when they are missing. With
   * `until: 'end'` the run may be over when this returns. Several applications may run at once.
   * @throws the error that stopped the run.
   */
  async start(application: Application, options: TestRunOptions = {}): Promise<void> {
    this.#rethrow()
    const { rules = true, generated = true, ...runOptions } = options
    const internals = internalsOf(application)
    internals.useRules(rules)
    internals.generate(generated)
    for (const { name, create } of internals.topics()) this.#create(name, create?.partitions)
    const known = new Set(this.broker.clients())
    const ended = application.run({ handleSignals: false, ...runOptions }).then(
      () => {
        this.#running.delete(running)
      },
      error => {
        // What becomes of a run that has crashed is nobody's concern.
        if (this.#running.delete(running)) this.#failure ??= { error }
      },
    )
    // A run connects before it first waits.
    const clientId = this.broker.clients().find(name => !known.has(name)) ?? null
    const running: Running = { application, internals, clientId, ended }
    this.#running.add(running)
    await this.#rest()
  }

  /**
   * Appends records to a topic, in their order, and lets the application come to rest.
   * @throws ENCODE_FAILED when one does not fit the topic; then none was appended.
   */
  async feed<Row_>(topic: Topic<Row_>, records: readonly RecordToFeed<Row_>[]): Promise<void> {
    this.#rethrow()
    const count = this.#create(topic.name, topic.definition.create?.partitions)
    const encoded = records.map(record => {
      const bytes = encodeRecord(topic, record)
      return { bytes, partition: record.partition ?? this.#partitionOf(topic, bytes.key, count) }
    })
    for (const { bytes, partition } of encoded) this.broker.append(topic.name, partition, [bytes])
    await this.#rest()
  }

  /**
   * Moves the clock. Whatever sleeps, polls or commits does so at its own time, and the application
   * comes to rest before time goes on.
   */
  async advance(duration: Duration): Promise<void> {
    const { clock } = this
    const end = clock.now() + durationMs(duration, 'the time to advance')
    await this.#rest()
    for (let next = clock.nextDueAt; next !== null && next <= end; next = clock.nextDueAt) {
      await clock.advance(Math.max(0, next - clock.now()))
      await this.#rest()
    }
    await clock.advance(end - clock.now())
    await this.#rest()
  }

  /**
   * The records of a topic that came since the last call, partition by partition, decoded by the
   * serdes of the topic. Records in open transactions are not among them.
   * @throws DECODE_FAILED when one is not what the topic says.
   */
  async read<Row_>(topic: Topic<Row_>): Promise<RecordRead<Row_>[]> {
    await this.#rest()
    const count = this.#create(topic.name, topic.definition.create?.partitions)
    const next = this.#read.get(topic.name) ?? new Array<number>(count).fill(0)
    this.#read.set(topic.name, next)
    const records = this.broker
      .read(topic.name)
      .filter(({ partition, offset }) => offset >= (next[partition] as number))
    for (const { partition, offset } of records) next[partition] = offset + 1
    return decodeRecords(topic, records) as RecordRead<Row_>[]
  }

  /**
   * What the windows still open would give out now, by task, window end and group; of steps with
   * `process`, what they keep for each key.
   * @param step the name of the step that keeps them; default: of all steps.
   */
  async state(step?: string): Promise<Row[]> {
    this.#rethrow()
    const tasks = [...this.#running].flatMap(({ internals }) => internals.run()?.tasks ?? [])
    const kept = (await Promise.all(tasks.map(task => task.graph.inspect()))).flat()
    const batches = kept.flatMap(({ name, batches }) =>
      step === undefined || step === name ? batches : [],
    )
    return batches.flatMap(batch => {
      const rowAt = rowsOf(batch)
      return Array.from({ length: batch.count }, (_, nth) => rowAt(batch.at(nth)))
    })
  }

  /**
   * Opens a transaction of a foreign producer on a partition: what is fed to it after can't be read
   * until the function given is called, which commits it.
   */
  holdTransaction(topic: Topic, partition: number): () => Promise<void> {
    this.#create(topic.name, topic.definition.create?.partitions)
    const release = this.broker.holdTransaction(topic.name, partition)
    return () => {
      release()
      return this.#rest()
    }
  }

  /**
   * Ends an application as `kill -9` ends its process, at this moment, also in the middle of a
   * call: nothing more of it reaches the broker, its partitions go to the other members of its
   * group, and its open transaction is left to its timeout or to a successor of its name. It goes
   * on as a new `Application` of the same id.
   * @param options.noticedAfter how long its group takes to see it; default: it does at once.
   */
  crash(application: Application, options: { readonly noticedAfter?: Duration } = {}): void {
    const noticedAfterMs = durationMs(options.noticedAfter ?? 0, 'the time until it is noticed')
    const client = this.#clientOf(application)
    this.broker.hang(client)
    for (const running of this.#running) {
      if (running.application === application) this.#running.delete(running)
    }
    const expel = (): void => this.broker.expelClient(client, { comesBack: false })
    if (noticedAfterMs === 0) expel()
    else void this.clock.sleep(noticedAfterMs).then(expel)
  }

  /**
   * Stops an application as SIGSTOP does, for longer than the session of its group lasts: it is
   * expelled and knows nothing of it. The function given lets it go on.
   */
  freeze(application: Application): () => Promise<void> {
    const client = this.#clientOf(application)
    const goOn = this.broker.hang(client)
    this.broker.expelClient(client)
    return () => {
      goOn()
      return this.#rest()
    }
  }

  /** What the broker calls the process of an application that runs; null = it does not. */
  clientOf(application: Application): string | null {
    const running = [...this.#running].find(each => each.application === application)
    return running?.clientId ?? null
  }

  /** Stops what runs: it finishes, commits and leaves. @throws the error that stopped a run. */
  async stop(): Promise<void> {
    const running = [...this.#running]
    for (const { application } of running) application.stop()
    await Promise.all(running.map(({ ended }) => ended))
    this.#rethrow()
  }

  /** An error is thrown once: by the call that comes after it. */
  #rethrow(): void {
    const failure = this.#failure
    this.#failure = null
    if (failure !== null) throw failure.error
  }

  async #rest(): Promise<void> {
    let restTurns = 0
    let seen = -1
    for (let turn = 0; restTurns < REST_TURNS; turn++) {
      if (turn >= this.#turnsMax) throw restless(turn)
      await new Promise(resolve => setImmediate(resolve))
      const runs = [...this.#running]
        .filter(({ clientId }) => clientId === null || !this.broker.isHeldUp(clientId))
        .map(({ internals }) => internals.run())
      const turns = runs.reduce((sum, run) => sum + (run?.turns ?? 0), runs.length)
      const isQuiet = runs.every(run => run?.isWaiting === true) && turns === seen
      restTurns = isQuiet ? restTurns + 1 : 0
      seen = turns
    }
    this.#rethrow()
  }

  #clientOf(application: Application): string {
    const client = this.clientOf(application)
    if (client !== null) return client
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `application ${application.id} does not run on this driver's broker: start it first, ` +
        'and make it with the options of the driver.',
    )
  }

  /** Gives the partition count. */
  #create(topic: string, partitions = this.#partitions): number {
    const found = this.broker.partitionCount(topic)
    if (found === null) this.broker.createTopic(topic, partitions)
    return found ?? partitions
  }

  #partitionOf(topic: Topic, key: Uint8Array | null, count: number): number {
    if (key === null) {
      const turn = this.#turns.get(topic.name) ?? 0
      this.#turns.set(topic.name, turn + 1)
      return turn % count
    }
    return partitionOfKey(key, 0, key.length, count)
  }
}

function restless(turns: number): MillraceError {
  const text =
    `the applications did not come to rest within ${turns} turns of the event loop: they wait ` +
    'for something outside the driver, or go round in circles. Raise turnsMax, or find out why.'
  return new MillraceError('INTERNAL', text)
}
