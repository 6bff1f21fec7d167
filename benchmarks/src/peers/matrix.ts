/**
 * What the steps of a matrix share: which cases and systems, and one run of one of them.
 *
 * Each run has an output topic, a group and a state folder of its own; inputs are shared.
 */
import { rm } from 'node:fs/promises'
import type { Lab } from '../lab.ts'
import type { Case } from './cases.ts'
import type { RunFigures } from './comparison.ts'
import { inputTopic } from './input-topics.ts'
import type { PeerJob } from './job.ts'
import type { ResultsFile } from './results-file.ts'
import type { RateMemory, Size } from './sizes.ts'
import { type Installed, PEER_NAMES, type PeerName, SYSTEMS, type SystemName } from './systems.ts'
import { timedRun } from './timed-run.ts'

export interface Bench {
  readonly lab: Lab
  readonly peers: readonly PeerName[]
  readonly results: ResultsFile
  readonly rates: RateMemory
  /** Null without peers. */
  readonly installed: Installed | null
  /** Of the cases whose values are Avro. */
  readonly registry: InputRegistry | null
}

export interface InputRegistry {
  readonly url: string
  /** Of `AVRO_EVENT`. */
  readonly schemaId: number
}

interface Chosen {
  readonly cases: readonly Case[]
  readonly peers: readonly PeerName[]
}

const RUN_MS_MAX = 5 * 60_000

/** @param only names of cases and peers; of a kind that is not named, all are chosen. */
export function chosenOf(
  cases: readonly Case[],
  only: readonly string[],
  withPeers: boolean,
): Chosen {
  const possible = PEER_NAMES.filter(name => cases.some(({ peers }) => peers.includes(name)))
  const peers = possible.filter(name => only.includes(name))
  const named = cases.filter(({ name }) => only.includes(name))
  const unknown = only.filter(
    name => !possible.some(peer => peer === name) && !cases.some(each => each.name === name),
  )
  if (unknown.length > 0) {
    const names = [...cases.map(({ name }) => name), ...possible].join(', ')
    throw new Error(`--only does not know ${unknown.join(', ')}; it knows ${names}`)
  }
  return {
    cases: named.length > 0 ? named : cases,
    peers: !withPeers ? [] : peers.length > 0 ? peers : possible,
  }
}

/** Millrace, and the peers that take part in a case: their results are compared. */
export function rivalsOf({ peers }: Bench, each: Case): ('millrace' | PeerName)[] {
  return ['millrace', ...peers.filter(peer => each.peers.includes(peer))]
}

/** All that are measured. */
export function systemsOf(bench: Bench, each: Case): SystemName[] {
  return [...rivalsOf(bench, each), ...(each.references ?? []).map(({ system }) => system)]
}

export interface Run {
  readonly figures: RunFigures
  readonly output: string
}

export async function run(
  bench: Bench,
  each: Case,
  system: SystemName,
  size: Size,
  mode: 'measure' | 'check',
): Promise<Run> {
  const { lab } = bench
  const id = lab.newName(`${each.name}-${system}`)
  const output = await lab.newTopic('output')
  if (each.pipeline === 'repartition' && system === 'kafkats') {
    await lab.createTopic(`${output}-by-page`)
  }
  const registry = each.isAvro === true && system !== 'millrace-json' ? bench.registry : null
  const job: PeerJob = {
    bootstrap: lab.bootstrap,
    id,
    pipeline: each.pipeline,
    // Some more, so that the last record does not wait for a fetch that is not full.
    input: await inputTopic(lab, each.keys, size.records + 50_000, registry?.schemaId),
    ...(registry !== null && { registry: registry.url }),
    output,
    state: lab.stateFolder(id),
    mode,
    warmup: size.warmup,
    records: size.records,
    // What results are compared of has to be written soon; else each has its own default.
    commitMs: mode === 'check' ? 1_000 : SYSTEMS[system].commitMs,
    lingerMs: 50,
  }
  const command = SYSTEMS[system].command(job, bench.installed ?? {})
  try {
    return { figures: await timedRun(command, RUN_MS_MAX), output }
  } finally {
    await rm(job.state, { recursive: true, force: true })
  }
}
