/**
 * Which database keeps the state: RocksDB where it loads, else LevelDB.
 *
 * `rocksdb` comes with binaries for linux x64 (glibc and musl), macOS and Windows x64; linux on
 * arm64 is the machine it has none for. `classic-level` has binaries for those and more. The choice
 * is made when state is first opened, never at import.
 *
 * Loading can end the process: the binary for glibc and the Node that nodejs.org builds since 20.12
 * both bring parts of the C++ library, of which one finds the other's. So a process of its own
 * loads it first.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { MillraceError } from '@millrace/core'
import { type ClassicLevelModule, classicLevelEngine } from './classic-level-engine.ts'
import type { Engine } from './engine.ts'
import { type RocksModule, rocksDbEngine } from './rocksdb-engine.ts'

export type Load = (name: string) => unknown

/** Why this Node does not survive loading a package; null when it does. */
export type Trial = (name: string) => string | null

export interface Choice {
  readonly engine: Engine
  /** Why the first choice was not taken; null when it was. */
  readonly reason: string | null
}

const LOAD = createRequire(import.meta.url)
const TRIAL_MS_MAX = 30_000
/** By the path of the package: the answer stays the same while the process lives. */
const tried = new Map<string, string | null>()

/** @throws STATE_UNUSABLE when neither loads. */
export function chooseEngine(load: Load = LOAD, trial: Trial = loadedApart): Choice {
  try {
    const fatal = trial('rocksdb')
    if (fatal !== null) throw new Error(fatal)
    return { engine: rocksDbEngine(load('rocksdb') as RocksModule), reason: null }
  } catch (error) {
    const reason = `rocksdb does not load: ${firstLine(error)}`
    return { engine: loadClassicLevel(load, `${reason}; `), reason }
  }
}

/** @throws STATE_UNUSABLE when it does not load. */
export function chooseClassicLevel(load: Load = LOAD): Choice {
  return { engine: loadClassicLevel(load, ''), reason: null }
}

function loadClassicLevel(load: Load, before: string): Engine {
  try {
    return classicLevelEngine(load('classic-level') as ClassicLevelModule)
  } catch (cause) {
    throw new MillraceError(
      'STATE_UNUSABLE',
      `there is no database for state on ${process.platform}-${process.arch}: ${before}` +
        `classic-level does not load: ${firstLine(cause)}. Install the package again on this ` +
        'machine, or leave `state` out to keep state in memory.',
      { cause },
    )
  }
}

/** Loads it in a process of its own, once: about 0.1 s. Only on linux is that known to end one. */
export function loadedApart(name: string): string | null {
  if (process.platform !== 'linux') return null
  const path = LOAD.resolve(name)
  let verdict = tried.get(path)
  if (verdict === undefined) {
    const args = ['-e', 'require(process.argv[1])', path]
    const { signal, error } = spawnSync(process.execPath, args, { timeout: TRIAL_MS_MAX })
    const isFatal = signal !== null && error === undefined
    verdict = isFatal ? `it ends Node ${process.version} (${signal})` : null
    tried.set(path, verdict)
  }
  return verdict
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
}
