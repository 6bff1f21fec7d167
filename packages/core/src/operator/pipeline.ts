/**
 * What a plan compiles to and the runtime runs: sub-topologies with an input, a factory of
 * machines, and what they write.
 *
 * The runtime sees nothing of plans, expressions or rules; everything it needs to know is data
 * here.
 */
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Schema } from '../schema/schema.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import type { ColumnsRead, Decoder } from '../serde/serde.ts'
import type { RecordsWanted } from '../source/column-bound.ts'
import type { Source } from '../source/source.ts'
import type { StateMemory } from '../state/state-memory.ts'
import type { CellReader } from './cell-reader.ts'
import type { OperatorGraph } from './operator-graph.ts'

/** A topic that the pipeline reads. */
export interface TopicInput {
  readonly kind: 'topic'
  readonly topic: string
  /** Makes the decoder of one task. */
  readonly decoder: () => Decoder
  /** The record key as a column; null = keys are not looked into. */
  readonly key: {
    readonly column: string
    readonly serde: ScalarSerde
    /** False: it only has to agree with the value's column of that name. */
    readonly isAdded: boolean
  } | null
  /** Event time; null = record timestamp. */
  readonly timestamp: CellReader | null
  readonly disorderMs: number
  readonly idleMs: number
  readonly onError: ErrorPolicy
}

/** An internal topic that another sub-topology of this pipeline fills. */
export interface RepartitionInput {
  readonly kind: 'repartition'
  /** Without the application's prefix: `by-origin-flights`. */
  readonly identity: string
  readonly upstream: number
  /** Columns of the rows on the wire. */
  readonly schema: Schema
}

/** Rows from outside Kafka. */
export interface LocalInput {
  readonly kind: 'local'
  readonly source: Source
  /**
   * The name under which positions are kept; the group says who reads then. Null: all of it is
   * read, by this process alone.
   */
  readonly resume: string | null
  readonly read: ColumnsRead
  /** The records that are looked at; missing = all. */
  readonly wanted?: RecordsWanted
  readonly timestamp: CellReader | null
  readonly disorderMs: number
  readonly onError: ErrorPolicy
}

export type PipelineInput = TopicInput | RepartitionInput | LocalInput

/** A topic that the pipeline writes or reads, as far as the plan knows it. */
export interface TopicNeed {
  readonly name: string
  /** Null: it must exist. */
  readonly create: {
    readonly partitions: number
    readonly replicationFactor: number
    readonly config: Readonly<Record<string, string>>
  } | null
}

export interface SubTopology {
  readonly id: number
  readonly input: PipelineInput
  /** What keeps state in it; none = where its input goes on is all it has. */
  readonly stores: readonly StoreNeed[]
  /** True: all it reads comes from sources that end, after which nothing can follow. */
  readonly isFinite: boolean
  /** Internal topics it fills, without prefix. */
  readonly repartitions: readonly string[]
  /** Machines for the task of one partition. */
  readonly createGraph: (task: TaskPlace) => OperatorGraph
}

/** Its tasks keep something from which a restarted one goes on: state, or where a source stands. */
export function isKept({ input, stores }: SubTopology): boolean {
  return input.kind === 'local' ? input.resume !== null : stores.length > 0
}

/** A step with state: its identity, and what must not change while its state lives. */
export interface StoreNeed {
  readonly identity: string
  readonly fingerprint: string
}

/** Where a graph is made for: names and numbers that depend on the application and its history. */
export interface TaskPlace {
  readonly partition: number
  /** Number of a store in its task, from 1; the same for as long as its state lives. */
  readonly storeId: (identity: string) => number
  readonly internalTopic: (identity: string) => string
  /** What state may take of memory, shared by all tasks of the process. */
  readonly memory: StateMemory
}

export interface Pipeline {
  readonly subTopologies: readonly SubTopology[]
  readonly topics: readonly TopicNeed[]
  /** What must not change silently between two runs; part of the commit metadata. */
  readonly fingerprint: string
}
