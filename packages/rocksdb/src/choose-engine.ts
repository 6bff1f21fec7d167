/**
 * Which database keeps the state: RocksDB where it loads, else LevelDB.
 *
 * `rocksdb` comes with binaries for linux x64 (glibc and musl), macOS and Windows x64; linux on
 * arm64 is the machine it has none for. `classic-level` has binaries for those and more. The choice
 * is made when state is first opened, never at import.
 */
import { createRequire } from 'node:module'
import { MillraceError } from '@millrace/core'
import { type ClassicLevelModule, classicLevelEngine } from './classic-level-engine.ts'
import type { Engine } from './engine.ts'
import { type RocksModule, rocksDbEngine } from './rocksdb-engine.ts'

export type Load = (name: string) => unknown

export interface Choice {
  readonly engine: Engine
  /** Why the first choice was not taken; null when it was. */
  readonly reason: string | null
}

const LOAD: Load = createRequire(import.meta.url)

/** @throws STATE_UNUSABLE when neither loads. */
export function chooseEngine(load: Load = LOAD): Choice {
  try {
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

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
}
