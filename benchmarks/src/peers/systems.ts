/**
 * The systems under measure, and the command that runs a job on each.
 *
 * All take the same arguments and say the same lines; Millrace is one of them.
 */
import { fileURLToPath } from 'node:url'
import { argsOf, type PeerJob } from './job.ts'

export const PEER_NAMES = ['kafka-streams', 'quix', 'kafkats', 'millrace-json'] as const
export type PeerName = (typeof PEER_NAMES)[number]
/** Programs of our own whose rate in the same rounds a case is held against. */
export type ReferenceName = 'ceiling' | 'millrace-tumbling'
export type SystemName = 'millrace' | PeerName | ReferenceName

export interface Command {
  readonly program: string
  readonly args: readonly string[]
}

/** Where benchmarks/peers/setup.mjs has put Kafka Streams. */
export interface InstalledStreams {
  readonly java: string
  readonly kafkaStreamsClassPath: string
}

/** Where it has put all that it installs. */
export interface Installed extends InstalledStreams {
  readonly python: string
  readonly quixProgram: string
  readonly kafkatsProgram: string
}

interface System {
  readonly title: string
  /** Rounds it takes part in. */
  readonly rounds: number
  /** Records per second to begin with, where nothing is known yet; rather too few. */
  readonly rateGuess: number
  /** Its own default for at-least-once. */
  readonly commitMs: number
  /** It writes a row anew with each record, not once at a window's end. */
  readonly givesUpdates: boolean
  /** Checksums are of this many records: more would take it longer than a minute or two. */
  readonly checkedRecordsMax: number
  /** @param installed of a peer what it needs; of Millrace nothing. */
  command(job: PeerJob, installed: Partial<Installed>): Command
}

const PROGRAM = fileURLToPath(new URL('./program.js', import.meta.url))
const FILES_PROGRAM = fileURLToPath(new URL('../arrow/program.js', import.meta.url))
const MILLRACE: System = {
  title: 'Millrace',
  rounds: 5,
  rateGuess: 50_000,
  commitMs: 1_000,
  givesUpdates: false,
  checkedRecordsMax: 1_000_000,
  command: job => ({ program: process.execPath, args: [PROGRAM, ...argsOf(job)] }),
}

export const SYSTEMS: Readonly<Record<SystemName, System>> = {
  millrace: MILLRACE,
  'millrace-json': { ...MILLRACE, title: 'Millrace, the same records as JSON' },
  'millrace-tumbling': {
    ...MILLRACE,
    title: 'Millrace, tumbling 10 s over the same records',
    rounds: 3,
    command: (job, installed) => MILLRACE.command({ ...job, pipeline: 'tumbling' }, installed),
  },
  ceiling: {
    title: 'fetch and scan of all fields, no pipeline',
    rounds: 3,
    rateGuess: 300_000,
    commitMs: 0,
    givesUpdates: false,
    checkedRecordsMax: 0,
    command: job => ({
      program: process.execPath,
      args: [FILES_PROGRAM, ...argsOf({ ...job, writer: 'ceiling', folder: job.state })],
    }),
  },
  'kafka-streams': {
    title: 'Kafka Streams 4.1, 1 thread',
    rounds: 5,
    rateGuess: 40_000,
    commitMs: 30_000,
    givesUpdates: false,
    checkedRecordsMax: 1_000_000,
    command: streamsCommand,
  },
  quix: {
    title: 'Quix Streams 3.28',
    rounds: 3,
    rateGuess: 8_000,
    commitMs: 5_000,
    givesUpdates: false,
    checkedRecordsMax: 1_000_000,
    command(job, installed) {
      const args = [needed(installed.quixProgram), ...argsOf(job)]
      return { program: needed(installed.python), args }
    },
  },
  kafkats: {
    title: '@kafkats/flow 0.12, state in memory',
    rounds: 3,
    rateGuess: 1_000,
    commitMs: 5_000,
    givesUpdates: true,
    checkedRecordsMax: 100_000,
    command(job, installed) {
      const args = [needed(installed.kafkatsProgram), ...argsOf(job)]
      return { program: process.execPath, args }
    },
  },
}

/** @param job what its program knows of a `PeerJob` and of a `StreamsRestoreJob`. */
export function streamsCommand(job: object, installed: Partial<InstalledStreams>): Command {
  const options = ['-Xms2g', '-Xmx2g', '-XX:+UseParallelGC']
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const main = ['-cp', needed(installed.kafkaStreamsClassPath), 'millrace.Main']
  return { program: needed(installed.java), args: [...options, log, ...main, ...argsOf(job)] }
}

function needed(path: string | undefined): string {
  if (path === undefined) throw new Error('this peer is not set up')
  return path
}
