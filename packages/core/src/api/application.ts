/**
 * The application: topics, frames, and the one call that runs them all.
 *
 * The only file that knows both the plan and the runtime: it compiles the outputs that frames
 * attached and hands the pipeline to a run. Nothing is opened before `run`, `collect` or iteration.
 */
import { type CompileOptions, compile, explain, type Pipeline } from '../compile/compile.ts'
import { MillraceError } from '../errors.ts'
import { deadLetterTopics, refuseDeadLetterLoops } from '../plan/dead-letter-topics.ts'
import type { FrameNode, OutputNode } from '../plan/node.ts'
import { topicsOf } from '../plan/topics-of.ts'
import { fail } from '../record/error-policy.ts'
import type { CheckpointHook } from '../runtime/checkpoint-step.ts'
import { internalTopicName } from '../runtime/internal-topic.ts'
import type { Logger } from '../runtime/logger.ts'
import { Run } from '../runtime/run.ts'
import type { RunOptions } from '../runtime/run-options.ts'
import { listSink } from '../sink/list-sink.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import type { Source } from '../source/source.ts'
import { memoryState } from '../state/memory-backend.ts'
import type { StateStats } from '../state/state-backend.ts'
import { inMemory } from '../transport/in-memory/in-memory-transport.ts'
import { overlayTransport } from '../transport/overlay-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { SYSTEM_CLOCK } from '../util/clock.ts'
import { durationMs } from '../util/duration.ts'
import { shareInternals } from './application-internals.ts'
import { type ApplicationOptions, checkOptions } from './application-options.ts'
import {
  type ApplicationRunOptions,
  checkRunOptions,
  hearStops,
} from './application-run-options.ts'
import { defaultLogger } from './default-logger.ts'
import type { CollectOptions, FrameHost } from './frame-host.ts'
import { checkIdentities } from './identities.ts'
import { Inputs } from './inputs.ts'
import { RowQueue } from './iterate.ts'
import { ProcessGroup } from './processes/process-group.ts'
import { logOfProcess, placeOfThisProcess } from './processes/process-place.ts'
import { checkShared, type ProcessRole, roleOf } from './processes/process-role.ts'
import { runInChild } from './processes/run-in-child.ts'
import { startProcess } from './processes/start-process.ts'
import { sinkFrom } from './sink-from.ts'
import type { SourceOptions } from './source-options.ts'
import { type ApplicationStatus, statusOf } from './status.ts'
import { parsePolicy } from './step.ts'
import { StreamingDataFrame } from './streaming-data-frame.ts'
import {
  type KeyColumn,
  Topic,
  type TopicOptions,
  type TopicRow,
  topicDefinition,
} from './topic.ts'

const MIB = 1024 * 1024

export class Application {
  readonly id: string
  readonly #options: ApplicationOptions
  readonly #host: FrameHost
  readonly #outputs: OutputNode[] = []
  readonly #inputs: Inputs
  readonly #commitIntervalMs: number
  #run: Run | null = null
  #group: ProcessGroup | null = null
  #usesRules = true
  #generates = true
  #onCheckpoint: CheckpointHook | null = null
  #stop = new AbortController()

  /** @throws INVALID_ARGUMENT, NOT_SUPPORTED at the line that makes it. */
  constructor(options: ApplicationOptions) {
    checkOptions(options)
    this.id = options.id
    this.#options = options
    this.#commitIntervalMs = durationMs(options.commitInterval ?? '1s', 'commitInterval')
    const onError = parsePolicy(options.onError, fail())
    this.#inputs = new Inputs(options.broker !== undefined, onError)
    this.#host = {
      onError,
      frame: node => new StreamingDataFrame(this.#host, node),
      attach: output => {
        const outputs = [...this.#outputs, output]
        checkIdentities(outputs)
        refuseDeadLetterLoops(outputs)
        this.#outputs.push(output)
      },
      collect: (node, collect) => this.#collect(node, collect),
      collectInto: (node, sink, collect) => this.#collectInto(node, sink, collect),
      iterate: node => this.#iterate(node),
      explain: node => explain([sinkFrom(node, { ...listSink(), name: 'collect' })]),
    }
    shareInternals(this, {
      run: () => this.#run,
      topics: () => [...topicsOf(this.#outputs), ...deadLetterTopics(this.#outputs).values()],
      useRules: uses => {
        this.#usesRules = uses
      },
      generate: generates => {
        this.#generates = generates
      },
      watchCheckpoint: hook => {
        this.#onCheckpoint = hook
      },
    })
  }

  /**
   * Declares a topic; nothing is opened.
   *
   * @example const purchases = app.topic('purchases', { key: string(), keyColumn: 'user_id', value:
   * json(Purchase) })
   */
  topic<Row = Record<string, unknown>, Key = unknown, const Column extends string = string>(
    name: string,
    options: TopicOptions<Row, Key> & KeyColumn<Key, Column> = {},
  ): Topic<TopicRow<Row, Key, Column>> {
    return new Topic(topicDefinition(name, options, this.#host.onError))
  }

  /**
   * The frame of a topic, or of a source outside Kafka. Frames of one topic share one reader.
   *
   * A source is read from its beginning by every run; with `resume` a run goes on where the last
   * commit was. `collect` and iteration always read all of it.
   *
   * @example app.dataframe(fromJsonLines('flights.jsonl'), { resume: 'flights' })
   */
  dataframe<Row>(
    input: Topic<Row> | Source<Row>,
    options: SourceOptions = {},
  ): StreamingDataFrame<Row> {
    return this.#host.frame<Row>(this.#inputs.node(input, options))
  }

  /** The whole plan as it will run, as text. */
  explain(): string {
    return explain(this.#outputs)
  }

  /**
   * Runs everything that was attached with `toTopic`, `sink` and `print`. Resolves after a graceful
   * end; rejects with the error that stopped it.
   */
  async run(options: ApplicationRunOptions = {}): Promise<void> {
    if (this.#run !== null || this.#group !== null) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        'the application is running already; run it once at a time.',
      )
    }
    if (this.#outputs.length === 0) {
      throw new MillraceError(
        'INVALID_PLAN',
        'there is nothing to run: no frame has an output. Use toTopic, sink or print.',
      )
    }
    checkRunOptions(options)
    const { until, processes = 1 } = options
    const role = roleOf(this.id, processes)
    if (role === 'bystander') return
    const pipeline = this.#compile(this.#outputs)
    const transport = this.#transport()
    if (role !== 'alone') checkShared(pipeline, transport, until === 'end')
    this.#stop = new AbortController()
    const unheard = hearStops(options, () => this.#stop.abort())
    try {
      if (role === 'parent') await this.#runInProcesses(processes)
      else await this.#runHere(role, pipeline, transport, options)
    } finally {
      this.#run = null
      this.#group = null
      unheard()
    }
  }

  /** The run of this process, for itself or as one of several. */
  async #runHere(
    role: ProcessRole,
    pipeline: Pipeline,
    transport: Transport,
    { until, flush = false, accept = {} }: ApplicationRunOptions,
  ): Promise<void> {
    const run = new Run({
      ...this.#runOptions(pipeline, transport),
      state: this.#options.state ?? memoryState(),
      guarantee: this.#options.guarantee ?? 'at-least-once',
      membership: 'group',
      isBounded: until === 'end' || !readsTopics(pipeline),
      flushes: flush,
      choices: accept,
      signal: this.#stop.signal,
      onCheckpoint: this.#onCheckpoint,
    })
    this.#run = run
    return role === 'child' ? runInChild(this, () => run.execute()) : run.execute()
  }

  async #runInProcesses(count: number): Promise<void> {
    this.#group = new ProcessGroup({
      count,
      log: this.#log(),
      clock: this.#options.clock ?? SYSTEM_CLOCK,
      signal: this.#stop.signal,
      start: number => startProcess({ applicationId: this.id, number, count }),
    })
    await this.#group.execute()
  }

  /** Asks a running application to finish, commit and leave; `run` resolves when it has. */
  stop(): void {
    this.#stop.abort()
  }

  /** What the run does at this moment. */
  status(): ApplicationStatus {
    return this.#group?.status() ?? statusOf(this.#run)
  }

  /**
   * What the state backend holds, on disk and in memory, and has done since the run began; null
   * while nothing runs that keeps state.
   */
  async stateStats(): Promise<StateStats | null> {
    return (await (this.#group ?? this.#run)?.stateStats()) ?? null
  }

  async #collect(node: FrameNode, options: CollectOptions): Promise<object[]> {
    const list = listSink<object>()
    await this.#collectInto(node, list, options)
    return [...list.rows]
  }

  async #collectInto(
    node: FrameNode,
    sink: SinkDefinition,
    options: CollectOptions,
  ): Promise<void> {
    const pipeline = this.#compileAlone(sinkFrom(node, sink))
    await new Run({
      ...this.#runOptions(pipeline, this.#ownTransport(pipeline)),
      membership: 'alone',
      isBounded: true,
      flushes: options.flush ?? false,
      signal: options.signal ?? new AbortController().signal,
    }).execute()
  }

  async *#iterate(node: FrameNode): AsyncGenerator<object> {
    const queue = new RowQueue()
    const pipeline = this.#compileAlone(sinkFrom(node, queue.sink))
    const stop = new AbortController()
    const run = new Run({
      ...this.#runOptions(pipeline, this.#ownTransport(pipeline)),
      membership: 'alone',
      isBounded: !readsTopics(pipeline),
      flushes: false,
      signal: stop.signal,
    })
    const ended = run.execute().then(
      () => queue.end(),
      error => queue.end(error),
    )
    try {
      yield* queue.read()
    } finally {
      stop.abort()
      queue.abandon()
      await ended
    }
  }

  /** For a run on its own, which writes nothing but what it gives back. */
  #compileAlone(output: OutputNode): Pipeline {
    checkIdentities([output])
    return this.#compile([output], { writesDeadLetters: false })
  }

  #compile(outputs: readonly OutputNode[], options: CompileOptions = {}): Pipeline {
    const { batchRecordsMax } = this.#options
    return compile(outputs, {
      ...options,
      ...(batchRecordsMax !== undefined && { batchRecordsMax }),
      ...(!this.#usesRules && { rules: [] }),
      generates: this.#generates,
    })
  }

  #runOptions(
    pipeline: Pipeline,
    transport: Transport,
  ): Omit<RunOptions, 'membership' | 'isBounded' | 'flushes' | 'signal'> {
    const { clock, batchRecordsMax, bufferBytesMax, stateBytesMax } = this.#options
    return {
      applicationId: this.id,
      pipeline,
      transport,
      log: this.#log(),
      clock: clock ?? SYSTEM_CLOCK,
      state: memoryState(),
      guarantee: 'at-least-once',
      commitIntervalMs: this.#commitIntervalMs,
      choices: {},
      batchRecordsMax: batchRecordsMax ?? 4096,
      bufferBytesMax: bufferBytesMax ?? 32 * MIB,
      stateBytesMax: stateBytesMax ?? 256 * MIB,
    }
  }

  #transport(): Transport {
    const broker = this.#options.broker ?? inMemory()
    return broker.create({ applicationId: this.id, log: this.#log() })
  }

  /** For a run on its own: the broker's topics, with internal ones kept in memory. */
  #ownTransport(pipeline: Pipeline): Transport {
    const above = inMemory().create({ applicationId: this.id, log: this.#log() })
    const internal = new Set(
      pipeline.subTopologies.flatMap(({ repartitions }) =>
        repartitions.map(identity => internalTopicName(this.id, identity, 'repartition')),
      ),
    )
    const isLocal = pipeline.subTopologies.every(({ input }) => input.kind !== 'topic')
    return isLocal
      ? above
      : overlayTransport(above, this.#transport(), topic => internal.has(topic))
  }

  #log(): Logger {
    return logOfProcess(this.#options.log ?? defaultLogger(this.id), placeOfThisProcess())
  }
}

/** False: every record comes from sources outside Kafka, and the run ends with them. */
function readsTopics({ subTopologies }: Pipeline): boolean {
  return subTopologies.some(({ input }) => input.kind === 'topic')
}
