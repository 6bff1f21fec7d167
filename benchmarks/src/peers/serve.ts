/** A pipeline that goes on until it is ended, on Millrace or Kafka Streams, for a steady load. */
import { rm } from 'node:fs/promises'
import type { Lab } from '../lab.ts'
import type { PeerJob, PipelineName } from './job.ts'
import { ServedRun } from './served-run.ts'
import { type InstalledStreams, SYSTEMS } from './systems.ts'

export type ServedSystem = 'millrace' | 'kafka-streams'

export interface Serving {
  readonly system: ServedSystem
  readonly pipeline: PipelineName
  readonly input: string
  readonly output: string
  /** Null: Kafka Streams is not asked for. */
  readonly installed: InstalledStreams | null
  /** Each line that it says and that is an object in JSON. */
  readonly hear?: (said: object) => void
}

export interface Served {
  readonly program: ServedRun
  /** Its state goes, too. */
  end(): Promise<void>
}

export function serve(lab: Lab, serving: Serving): Served {
  const { system, pipeline, input, output, installed, hear } = serving
  const id = lab.newName(`${pipeline}-${system}`)
  const job: PeerJob = {
    bootstrap: lab.bootstrap,
    id,
    pipeline,
    input,
    output,
    state: lab.stateFolder(id),
    mode: 'serve',
    warmup: 0,
    records: 0,
    commitMs: SYSTEMS[system].commitMs,
    lingerMs: 5,
  }
  const program = new ServedRun(SYSTEMS[system].command(job, installed ?? {}), hear)
  const end = async (): Promise<void> => {
    await program.end()
    await rm(job.state, { recursive: true, force: true })
  }
  return { program, end }
}
