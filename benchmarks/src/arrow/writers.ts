/** The writers under measure, and the command that runs a job on each. */
import { fileURLToPath } from 'node:url'
import { argsOf } from '../peers/job.ts'
import type { Command } from '../peers/systems.ts'
import type { FilesJob, WriterName } from './job.ts'

/** Where benchmarks/peers/setup.mjs has put Quix Streams. */
export interface QuixFiles {
  readonly python: string
  readonly program: string
}

interface Writer {
  readonly title: string
  /** Records per second to begin with; rather too few. */
  readonly rateGuess: number
  readonly commitMs: number
  readonly writes: 'nothing' | 'ipc' | 'parquet'
}

export const WRITERS: Readonly<Record<WriterName, Writer>> = {
  ceiling: {
    title: 'fetch and scan, nothing written',
    rateGuess: 300_000,
    commitMs: 0,
    writes: 'nothing',
  },
  builders: {
    title: 'JSON.parse and builders by hand, IPC',
    rateGuess: 80_000,
    commitMs: 0,
    writes: 'ipc',
  },
  ipc: { title: 'Millrace, IPC', rateGuess: 150_000, commitMs: 1_000, writes: 'ipc' },
  disk: { title: 'Millrace, IPC on disk', rateGuess: 150_000, commitMs: 1_000, writes: 'ipc' },
  parquet: { title: 'Millrace, Parquet', rateGuess: 100_000, commitMs: 1_000, writes: 'parquet' },
  quix: { title: 'Quix Streams, Parquet', rateGuess: 10_000, commitMs: 5_000, writes: 'parquet' },
}

const PROGRAM = fileURLToPath(new URL('./program.js', import.meta.url))

export function commandOf(job: FilesJob, quix: QuixFiles | null): Command {
  if (job.writer !== 'quix') return { program: process.execPath, args: [PROGRAM, ...argsOf(job)] }
  if (quix === null) throw new Error('Quix Streams is not set up')
  return { program: quix.python, args: [quix.program, ...argsOf(job)] }
}
