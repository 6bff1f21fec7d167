/**
 * The cases of the matrix and what is asked of each: how many times as fast as a peer Millrace has
 * to be. A peer without a mark is measured and not judged; one that has no such pipeline, or is far
 * too slow for it, does not take part.
 */
import type { PipelineName } from './job.ts'
import type { PeerName, ReferenceName } from './systems.ts'

/** How many times as fast as a peer: the least, and what is aimed at. */
export interface Mark {
  readonly least: number
  readonly aim?: number
}

/** A program of our own in the rounds of a case, with peers or without, and the mark beside it. */
export interface Reference {
  readonly system: ReferenceName
  /** Of its rate, at least. */
  readonly least: number
  /** What is said of a ratio of rates. */
  readonly text: (ratio: number) => string
}

export interface Case {
  readonly name: string
  readonly title: string
  readonly pipeline: PipelineName
  /** Values are Avro with a registry, but for `millrace-json`. */
  readonly isAvro?: boolean
  /** Users in the input. */
  readonly keys: number
  readonly peers: readonly PeerName[]
  readonly marks: Partial<Record<PeerName, Mark>>
  readonly references?: readonly Reference[]
}

const TOTALS = 'count, sum and mean, final, RocksDB and changelog'
const ALL: readonly PeerName[] = ['kafka-streams', 'quix', 'kafkats']
/** A user has a row in ten hopping windows for each tumbling one. */
const HOPS = 10

const ofCeiling: Reference = {
  system: 'ceiling',
  least: 0.8,
  text: ratio => `${ratio.toFixed(2)} × the rate of fetch and scan alone (at least 0.8 ×)`,
}

/** @param rows of the hopping windows, for one of the tumbling ones. */
function ofTumbling(most: number, what: string, rows: number): Reference {
  return {
    system: 'millrace-tumbling',
    least: 1 / (most * rows),
    text: ratio => {
      const times = (1 / (ratio * rows)).toFixed(2)
      return `${times} × the time of tumbling per ${what} (at most ${most} ×)`
    },
  }
}

export const CASES: readonly Case[] = [
  {
    name: 'read',
    title: 'read + where, nothing passes',
    pipeline: 'read',
    keys: 10_000,
    peers: ALL,
    marks: { 'kafka-streams': { least: 3, aim: 4 }, quix: { least: 15 } },
    references: [ofCeiling],
  },
  {
    name: 'half',
    title: 'where + new column, half of the records produced',
    pipeline: 'half',
    keys: 10_000,
    peers: ALL,
    marks: { 'kafka-streams': { least: 2.3, aim: 3 }, quix: { least: 10 } },
  },
  {
    name: 'tumbling-10k',
    title: `tumbling 10 s, 10 k keys: ${TOTALS}`,
    pipeline: 'tumbling',
    keys: 10_000,
    peers: ALL,
    marks: { 'kafka-streams': { least: 5, aim: 7 }, quix: { least: 20 } },
  },
  {
    name: 'tumbling-1m',
    title: `tumbling 10 s, 1 M keys: ${TOTALS}`,
    pipeline: 'tumbling',
    keys: 1_000_000,
    peers: ['kafka-streams', 'quix'],
    marks: { 'kafka-streams': { least: 4 }, quix: { least: 12 } },
  },
  {
    name: 'hopping-100',
    title: `hopping 10 s by 1 s, 100 keys: ${TOTALS}`,
    pipeline: 'hopping',
    keys: 100,
    peers: ['kafka-streams', 'quix'],
    marks: { 'kafka-streams': { least: 12, aim: 20 }, quix: { least: 20 } },
    references: [ofTumbling(2, 'record', 1)],
  },
  {
    name: 'hopping-10k',
    title: `hopping 10 s by 1 s, 10 k keys: ${TOTALS}`,
    pipeline: 'hopping',
    keys: 10_000,
    peers: ALL,
    marks: { 'kafka-streams': { least: 12, aim: 20 }, quix: { least: 20 } },
    references: [ofTumbling(1.3, 'output row', HOPS)],
  },
  {
    name: 'repartition',
    title: `groupBy through a repartition topic, tumbling 10 s, 10 k groups: ${TOTALS}`,
    pipeline: 'repartition',
    keys: 10_000,
    peers: ALL,
    marks: { 'kafka-streams': { least: 3, aim: 5 }, quix: { least: 15 } },
  },
  {
    name: 'map',
    title: 'a function of every field of a row, nothing passes',
    pipeline: 'map',
    keys: 10_000,
    peers: ['kafka-streams', 'quix'],
    marks: { 'kafka-streams': { least: 1.3 } },
  },
]

/** Of `npm run bench -- avro`. */
export const AVRO_CASES: readonly Case[] = [
  {
    name: 'avro-where-tumbling',
    title: `Avro with a registry, where + tumbling 10 s, 10 k keys: ${TOTALS}`,
    pipeline: 'where-tumbling',
    isAvro: true,
    keys: 10_000,
    peers: ['kafka-streams', 'millrace-json'],
    marks: { 'kafka-streams': { least: 5 }, 'millrace-json': { least: 1.2 } },
  },
]
