import { arrowBenchmark } from './arrow/arrow.ts'
import { avroBenchmark } from './avro/avro.ts'
import { cassandraBenchmark } from './cassandra/cassandra.ts'
import { durable } from './durable.ts'
import type { Lab } from './lab.ts'
import { latency } from './latency/latency.ts'
import { memory } from './memory/memory.ts'
import { micro } from './micro/micro.ts'
import { ceiling, pipelines } from './pipelines.ts'
import { restart } from './restart.ts'
import { restore } from './restore.ts'
import { scaling } from './scaling/scaling.ts'
import { stateMemory } from './state-memory.ts'

export interface Verdict {
  /** Null: the figures spread too much to say. */
  readonly isMet: boolean | null
  readonly text: string
}

export interface Benchmark {
  readonly title: string
  /** Prints its table. */
  readonly run: (lab: Lab, args: readonly string[]) => Promise<readonly Verdict[]>
}

/** By the name that is typed. */
export const benchmarks: ReadonlyMap<string, Benchmark> = new Map([
  ['durable', { title: 'what exactly-once costs; the time of one commit', run: durable }],
  [
    'restore',
    { title: 'state from its changelog; with --peers against Kafka Streams', run: restore },
  ],
  ['restart', { title: 'first output after kill -9 with a million windows', run: restart }],
  ['state-memory', { title: 'state of four times its memory budget', run: stateMemory }],
  ['cassandra', { title: 'rows into Cassandra, against code by hand', run: cassandraBenchmark }],
  [
    'avro',
    { title: 'Avro: columns, rows, encode; against avsc and Confluent', run: avroBenchmark },
  ],
  ['ceiling', { title: 'reading beside fetch and scan alone', run: ceiling }],
  ['arrow', { title: 'a topic into Arrow and Parquet files', run: arrowBenchmark }],
  ['latency', { title: 'from due to received at 20,000 records/s', run: latency }],
  ['micro', { title: 'the loops of each record, one by one; garbage', run: micro }],
  ['scaling', { title: 'two processes against one', run: scaling }],
  ['memory', { title: 'resident memory over some minutes', run: memory }],
  ['pipelines', { title: 'rates and CPU; with --peers against other systems', run: pipelines }],
])
