/**
 * How a task's input becomes batches: one intake per kind of input, each with the clock of that
 * input.
 */
import type { OperatorContext } from '../operator/operator.ts'
import type { OperatorGraph } from '../operator/operator-graph.ts'
import type { PipelineInput, RepartitionInput, TopicInput } from '../operator/pipeline.ts'
import type { RawBatch } from '../transport/raw-records.ts'
import type { FetchProgress } from '../transport/transport.ts'
import { LocalIntake, type SourceAt, type SourceStart } from './local-intake.ts'
import { RepartitionIntake } from './repartition-intake.ts'
import { SourceClock } from './source-clock.ts'
import type { TaskWorld } from './task.ts'
import type { InputClock } from './task-clock.ts'
import { TopicIntake } from './topic-intake.ts'
import { UpstreamClock } from './upstream-clock.ts'

export interface Intake {
  readonly clock: InputClock
  /**
   * Sends the rows of a raw batch through the graph; `moved` is called where event time may have
   * moved in between. Gives how many records it took: not all where the graph is behind then.
   */
  take(raw: RawBatch, graph: OperatorGraph, moved: () => Promise<void> | undefined): Promise<number>
  watch?(now: number, progress: FetchProgress | null): void
  /** The bounded end was reached. */
  end?(): void
  /** Local sources: reads up to `recordsMax` records; gives how many. */
  pull?(recordsMax: number, graph: OperatorGraph): Promise<number>
  /** Local sources: where reading goes on. The same object as long as nothing was read. */
  readonly at?: SourceAt
  /** Local sources: wall time before which there is nothing to pull. */
  readonly resumeAt?: number
  close?(): Promise<void>
}

export function intakeOf(
  input: PipelineInput,
  context: OperatorContext,
  upstream: { readonly count: number; readonly isFinite: boolean },
  world: TaskWorld,
  start: SourceStart,
): Intake {
  if (input.kind === 'topic') return topicIntake(input, context, world)
  if (input.kind === 'repartition') return repartitionIntake(input, upstream, world)
  return new LocalIntake(input, context, world, start)
}

function topicIntake(input: TopicInput, context: OperatorContext, world: TaskWorld): Intake {
  const idleMs = world.isBounded ? Number.POSITIVE_INFINITY : input.idleMs
  const clock = new SourceClock(input.disorderMs, idleMs)
  const intake = new TopicIntake(input, clock, context)
  return {
    clock,
    take: async (raw, graph) => {
      if (raw.count > 0) clock.speak()
      const prepared = intake.prepare(raw)
      if (prepared !== undefined) await prepared
      await graph.process(intake.take(raw))
      return raw.count
    },
    watch: (now, progress) => clock.watch(now, progress),
    end: () => clock.end(),
  }
}

function repartitionIntake(
  input: RepartitionInput,
  upstream: { readonly count: number; readonly isFinite: boolean },
  world: TaskWorld,
): Intake {
  const clock = new UpstreamClock(upstream.count)
  const intake = new RepartitionIntake(input)
  return {
    clock,
    take: async (raw, graph, moved) => {
      let taken = 0
      for (const event of intake.take(raw)) {
        taken += event.kind === 'rows' ? event.batch.length : 1
        if (event.kind === 'rows') {
          clock.speak()
          await graph.process(event.batch)
          continue
        }
        const hasEnd = world.isBounded || upstream.isFinite
        const isCurrent = hasEnd && event.at >= world.startedAt
        clock.hear(event.record, world.clock.now(), isCurrent)
        await moved()
        if (graph.isBehind) break
      }
      return taken
    },
  }
}
