/**
 * What a matrix has measured so far, in one JSON file per commit: a matrix that was stopped goes on
 * where it was. Written anew after each run, under another name first.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Checksum } from './checksum.ts'
import type { RunFigures } from './comparison.ts'

const VERSION = 1

interface Contents {
  readonly version: number
  readonly commit: string
  /** By case and system. */
  readonly runs: Record<string, RunFigures[]>
  readonly checksums: Record<string, Checksum>
}

export class ResultsFile {
  readonly #path: string
  readonly #contents: Contents

  /** @param commit of another one nothing is taken over. */
  constructor(path: string, commit: string) {
    this.#path = path
    this.#contents = read(path, commit) ?? { version: VERSION, commit, runs: {}, checksums: {} }
  }

  runs(caseName: string, system: string): readonly RunFigures[] {
    return this.#contents.runs[keyOf(caseName, system)] ?? []
  }

  addRun(caseName: string, system: string, figures: RunFigures): void {
    this.#contents.runs[keyOf(caseName, system)] = [...this.runs(caseName, system), figures]
    this.#write()
  }

  checksum(caseName: string, system: string): Checksum | undefined {
    return this.#contents.checksums[keyOf(caseName, system)]
  }

  setChecksum(caseName: string, system: string, checksum: Checksum): void {
    this.#contents.checksums[keyOf(caseName, system)] = checksum
    this.#write()
  }

  #write(): void {
    replaceFile(this.#path, this.#contents)
  }
}

/** A file that is there as it was or as it is now, never in part. */
export function replaceFile(path: string, contents: object): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(contents, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

/** Undefined where there is none that can be used. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function read(path: string, commit: string): Contents | undefined {
  const contents = readJson(path) as Contents | undefined
  return contents?.version === VERSION && contents.commit === commit ? contents : undefined
}

function keyOf(caseName: string, system: string): string {
  return `${caseName} ${system}`
}
