/**
 * How far a task is at the end of an epoch: what its marker says, and what a restarted task goes on
 * from.
 *
 * The marker (docs/formats.md) is the truth for tasks with state; tasks without state keep the part
 * of it that they need in the metadata of their offset commit.
 */
import type {
  EpochMarker,
  SinkReceipt,
  SourcePosition,
  UpstreamProgress,
} from '../record/format/epoch-marker.ts'
import type { TopicPartition } from '../record/topic-partition.ts'
import type { Receipt } from '../sink/sink.ts'

/** Event time of an input, as far as it was read. */
export interface InputProgress {
  /** Epoch milliseconds; -Infinity = no record yet. */
  readonly watermark: number
  /** Internal topics: what each upstream task has said. Else empty. */
  readonly upstreams: readonly UpstreamProgress[]
}

export interface TaskProgress {
  readonly epoch: number
  /** The offset to read next; of a source outside Kafka, how many records were read. */
  readonly position: number
  readonly input: InputProgress
  /** Decided: nothing is expected of the input until it speaks again. */
  readonly isIdle: boolean
  /** The task's watermark, in force from the first record of the next epoch. */
  readonly watermark: number
  /** Decided: wall time in the next epoch; null = nothing was due. */
  readonly wallTime: number | null
  /** Where a source outside Kafka goes on; missing = it reads a topic. */
  readonly source?: SourcePosition
}

/** Of an epoch's record: what sinks gave, in their order. */
export function receiptsOf(sinks: readonly SinkReceipt[]): Receipt[] {
  return sinks.map(({ receipt }) => receipt)
}

/** A store of the task: its identity, and what must not change while its state lives. */
export interface StoreFingerprint {
  readonly identity: string
  readonly fingerprint: string
}

export interface MarkerParts {
  readonly source: TopicPartition
  readonly partitionCount: number
  readonly progress: TaskProgress
  readonly receipts: readonly Receipt[]
  /** In the order of store numbers. */
  readonly stores: readonly StoreFingerprint[]
}

export function markerOf(parts: MarkerParts): EpochMarker {
  const { source, partitionCount, progress, receipts, stores } = parts
  const { position, input, isIdle, watermark, wallTime } = progress
  const { topic, partition } = source
  const place = { partition, offset: position, ...input }
  return {
    epoch: progress.epoch,
    inputs: [{ topic, partitionCount, partitions: [place] }],
    decisions: [
      ...(isIdle ? [{ kind: 'idle' as const, topic, partition }] : []),
      ...(watermark === Number.NEGATIVE_INFINITY ? [] : [{ kind: 'advance' as const, watermark }]),
      ...(wallTime === null ? [] : [{ kind: 'wall' as const, time: wallTime }]),
    ],
    receipts: receipts.map((receipt, i) => ({ sink: String(i), receipt })),
    fingerprints: stores.map(({ identity, fingerprint }) => ({ step: identity, fingerprint })),
    ...(progress.source && { source: progress.source }),
  }
}

/** Null when the marker says nothing of this partition: it was made for another input. */
export function progressOf(marker: EpochMarker, source: TopicPartition): TaskProgress | null {
  const input = marker.inputs.find(({ topic }) => topic === source.topic)
  const place = input?.partitions.find(({ partition }) => partition === source.partition)
  if (place === undefined) return null
  const moved = marker.decisions.find(decision => decision.kind === 'advance')
  const wall = marker.decisions.find(decision => decision.kind === 'wall')
  return {
    epoch: marker.epoch,
    position: place.offset,
    input: { watermark: place.watermark, upstreams: place.upstreams },
    isIdle: marker.decisions.some(({ kind }) => kind === 'idle'),
    watermark: moved?.kind === 'advance' ? moved.watermark : Number.NEGATIVE_INFINITY,
    wallTime: wall?.kind === 'wall' ? wall.time : null,
    ...(marker.source && { source: marker.source }),
  }
}
